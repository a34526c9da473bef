namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>
/// The SQL. What one group changes are statements of one transaction, sent in one go: each sees what others had committed when it began, so those behind
/// <see cref="Lock"/> see all that commits before theirs have done.
/// </summary>
internal static class OutboxStatements
{
    /// <summary>The shards that <see cref="Claim"/> has claimed in this transaction: shards and epochs in $1 and $2, the group's number in $3.</summary>
    private const string Claimed = """
        WITH claimed AS MATERIALIZED (
            SELECT s.shard FROM unnest($1::smallint[], $2::bigint[]) AS c(shard, epoch)
            JOIN outbox_shards s ON s.shard = c.shard AND s.epoch = c.epoch AND s.commit_number = $3)
        """;

    /// <summary>Waits for other commits of the shards; in their order, so that two groups cannot wait for each other.</summary>
    public const string Lock = "SELECT shard FROM outbox_shards WHERE shard = ANY ($1::smallint[]) ORDER BY shard FOR NO KEY UPDATE";

    /// <summary>Names those whose epoch is still the owner's, and whose owner's later commits have not overtaken this one.</summary>
    public const string Claim = """
        UPDATE outbox_shards s SET commit_number = $3 FROM unnest($1::smallint[], $2::bigint[]) AS c(shard, epoch)
        WHERE s.shard = c.shard AND s.epoch = c.epoch AND s.commit_number < $3
        RETURNING s.shard
        """;

    public const string Delete =
        Claimed
        + """

            DELETE FROM outbox_rows r USING unnest($4::smallint[], $5::bytea[], $6::bigint[], $7::bigint[]) AS d(shard, user_key, epoch, number)
            WHERE r.shard = d.shard AND r.user_key = d.user_key AND r.epoch = d.epoch AND r.number = d.number
            AND d.shard IN (SELECT shard FROM claimed)
            """;

    public const string Append =
        Claimed
        + """

            INSERT INTO outbox_rows (shard, user_key, epoch, number, expires_at, message_hash, size, message, long_user)
            SELECT * FROM unnest(
                $4::smallint[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::integer[], $11::bytea[], $12::bytea[])
                AS a(shard, user_key, epoch, number, expires_at, message_hash, size, message, long_user)
            WHERE a.shard IN (SELECT shard FROM claimed)
            ON CONFLICT (shard, user_key, epoch, number) DO UPDATE
            SET expires_at = EXCLUDED.expires_at, message_hash = EXCLUDED.message_hash, size = EXCLUDED.size, message = EXCLUDED.message
            """;

    public const string SetTallies =
        Claimed
        + """

            INSERT INTO outbox_tallies (shard, user_key, messages, bytes, dropped, notice_at, long_user)
            SELECT * FROM unnest($4::smallint[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[])
                AS t(shard, user_key, messages, bytes, dropped, notice_at, long_user)
            WHERE t.shard IN (SELECT shard FROM claimed)
            ON CONFLICT (shard, user_key) DO UPDATE
            SET messages = EXCLUDED.messages, bytes = EXCLUDED.bytes, dropped = EXCLUDED.dropped, notice_at = EXCLUDED.notice_at, long_user = EXCLUDED.long_user
            """;

    public const string DeleteTallies =
        Claimed
        + """

            DELETE FROM outbox_tallies t USING unnest($4::smallint[], $5::bytea[]) AS d(shard, user_key)
            WHERE t.shard = d.shard AND t.user_key = d.user_key AND d.shard IN (SELECT shard FROM claimed)
            """;

    public const string KeepDurables =
        Claimed
        + """

            INSERT INTO outbox_durables (shard, user_name, name, exchange, pattern, seen_at)
            SELECT * FROM unnest($4::smallint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bigint[])
                AS d(shard, user_name, name, exchange, pattern, seen_at)
            WHERE d.shard IN (SELECT shard FROM claimed)
            ON CONFLICT (shard, user_name, name) DO UPDATE SET exchange = EXCLUDED.exchange, pattern = EXCLUDED.pattern, seen_at = EXCLUDED.seen_at
            """;

    public const string EndDurables =
        Claimed
        + """

            DELETE FROM outbox_durables d USING unnest($4::smallint[], $5::bytea[], $6::bytea[]) AS e(shard, user_name, name)
            WHERE d.shard = e.shard AND d.user_name = e.user_name AND d.name = e.name AND e.shard IN (SELECT shard FROM claimed)
            """;

    public const string Open = """
        INSERT INTO outbox_shards AS s (shard, epoch, commit_number) SELECT o, 1, 0 FROM unnest($1::smallint[]) AS o ORDER BY o
        ON CONFLICT (shard) DO UPDATE SET epoch = s.epoch + 1, commit_number = 0
        RETURNING shard, epoch
        """;

    public const string ReadEpochs = "SELECT shard, epoch, commit_number FROM outbox_shards WHERE shard = ANY ($1::smallint[])";

    /// <summary>
    /// Ends connections of silos that hold locks for which backend $1 waits, and themselves wait for a silo that says nothing: it is dead, or stands still.
    /// </summary>
    public const string EndBlockers = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid = ANY (pg_blocking_pids($1)) AND wait_event_type = 'Client' AND application_name = current_setting('application_name')
        """;

    /// <summary>The rows whose time ends at or before $7, up to the one that reaches the bytes ($6).</summary>
    public const string Read = """
        SELECT epoch, number, message FROM (
            SELECT epoch, number, message, sum(size) OVER (ORDER BY epoch, number ROWS UNBOUNDED PRECEDING) - size AS before FROM (
                SELECT epoch, number, message, size FROM outbox_rows
                WHERE shard = $1 AND user_key = $2 AND (epoch, number) > ($3, $4) AND expires_at <= $7 ORDER BY epoch, number LIMIT $5) AS limited) AS summed
        WHERE before < $6 ORDER BY epoch, number
        """;

    public const string ReadTally = "SELECT messages, bytes, dropped, notice_at FROM outbox_tallies WHERE shard = $1 AND user_key = $2";

    public const string ReadDurables = "SELECT user_name, name, exchange, pattern, seen_at FROM outbox_durables WHERE shard = $1 ORDER BY user_name, name";

    public const string Find = "SELECT epoch, number, message FROM outbox_rows WHERE message_hash = $1 AND shard = $2 AND user_key = $3 ORDER BY epoch, number";

    /// <summary>At most $3 users of the $2 rows whose time ended first.</summary>
    public const string FindExpired = """
        SELECT DISTINCT shard, user_key, long_user FROM (
            SELECT shard, user_key, long_user FROM outbox_rows WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2) AS oldest
        LIMIT $3
        """;

    public const string CountExpired = "SELECT count(*) FROM (SELECT FROM outbox_rows WHERE expires_at <= $1 LIMIT $2) AS oldest";

    public const string FindDue =
        "SELECT shard, user_key, long_user FROM outbox_tallies WHERE notice_at > 0 AND notice_at <= $1 ORDER BY notice_at, shard, user_key LIMIT $2";

    /// <summary>False when the database takes no writes: a standby, or set so. And the bytes that the outbox takes in it.</summary>
    public const string Check =
        "SELECT current_setting('transaction_read_only') = 'off', pg_total_relation_size('outbox_rows') + pg_total_relation_size('outbox_tallies')";

    /// <summary>Writes as much as a small group does, with room for it in table and log; it is rolled back. A shard that there is not.</summary>
    public const string Probe = """
        INSERT INTO outbox_rows (shard, user_key, epoch, number, expires_at, size, message)
        SELECT -1, decode(md5(n::text), 'hex'), 1, n, 0, 0, decode(repeat(md5(n::text), 50), 'hex') FROM generate_series(1, 64) AS n
        """;
}
