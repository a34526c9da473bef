namespace NotifyOrleans.Silo.Topics.PostgreSqlEngine;

/// <summary>
/// The SQL. Each is one statement, and so one transaction in one round trip that nobody can leave half done; PostgreSQL syncs those together that come
/// together.
/// </summary>
internal static class TopicStatements
{
    public const string Open = """
        INSERT INTO topic_logs AS l (log, epoch, last, total) VALUES ($1, 1, 0, 0)
        ON CONFLICT (log) DO UPDATE SET epoch = l.epoch + 1 RETURNING log, epoch, last, total, cut, gone
        """;

    /// <summary>Nothing when the log has a newer writer: an opening waits for this one or this one for it, so nobody writes behind another's end.</summary>
    public const string Append = """
        WITH claimed AS (
            UPDATE topic_logs SET last = GREATEST(last, $3), total = GREATEST(total, $4) WHERE log = $1 AND epoch = $2 RETURNING log),
        appended AS (
            INSERT INTO topic_messages (log, number, total, stored_at, size, exchange, routing_key, message)
            SELECT c.log, m.* FROM claimed c, unnest($5::bigint[], $6::bigint[], $7::bigint[], $8::integer[], $9::bytea[], $10::bytea[], $11::bytea[]) AS m
            ON CONFLICT (log, number) DO NOTHING)
        SELECT log FROM claimed
        """;

    public const string ReadLogs = "SELECT log, epoch, last, total, cut, gone FROM topic_logs ORDER BY log";

    /// <summary>The messages up to the one that reaches the bytes ($4).</summary>
    public const string Read = """
        SELECT number, total, stored_at, exchange, routing_key, message FROM (
            SELECT *, sum(size) OVER (ORDER BY number ROWS UNBOUNDED PRECEDING) - size AS before FROM (
                SELECT * FROM topic_messages WHERE log = $1 AND number > $2 ORDER BY number LIMIT $3) AS limited) AS summed
        WHERE before < $4 ORDER BY number
        """;

    public const string Trim = """
        WITH former AS (SELECT log, cut, gone FROM topic_logs WHERE log = $1 FOR UPDATE),
        trimmed AS (
            UPDATE topic_logs l SET gone = GREATEST(l.gone, LEAST($3, l.last)), cut = GREATEST(l.cut, LEAST(GREATEST($2, $3), l.last))
            FROM former f WHERE l.log = f.log),
        deleted AS (
            DELETE FROM topic_messages m USING former f WHERE m.log = f.log AND m.number > f.gone AND m.number <= $3)
        UPDATE topic_messages m SET message = NULL, size = 0 FROM former f
        WHERE m.log = f.log AND m.number > GREATEST(f.cut, $3) AND m.number <= $2
        """;

    /// <summary>Numbers are taken under the lock of the registry's row: whoever sees a generation sees all up to it.</summary>
    public const string Register = """
        WITH ranked AS (
            SELECT t.*, row_number() OVER (PARTITION BY user_hash) + (SELECT count(*) FROM topic_subscriptions s WHERE s.user_hash = t.user_hash) AS rank FROM (
                SELECT DISTINCT ON (identity) * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[])
                    AS u(identity, exchange, pattern, user_hash)) AS t
            WHERE NOT EXISTS (SELECT FROM topic_subscriptions s WHERE s.identity = t.identity)),
        fresh AS (
            SELECT *, row_number() OVER () AS n FROM ranked WHERE rank <= $5),
        raised AS (
            UPDATE topic_registry SET generation = generation + (SELECT count(*) FROM fresh) RETURNING generation)
        INSERT INTO topic_subscriptions (number, identity, exchange, pattern, user_hash)
        SELECT r.generation - f.n + 1, f.identity, f.exchange, f.pattern, f.user_hash FROM fresh f, raised r
        ON CONFLICT (identity) DO NOTHING
        """;

    public const string FindRegistered = "SELECT identity, number, has_begun FROM topic_subscriptions WHERE identity = ANY ($1::bytea[])";

    public const string Begin = """
        WITH begun AS (
            UPDATE topic_subscriptions SET has_begun = true, seen_at = $2 WHERE number = ANY ($1::bigint[]) AND NOT has_begun RETURNING number)
        INSERT INTO topic_cursors (subscription, log, settled, offered)
        SELECT b.number, l.log, l.last, 0 FROM begun b, unnest($3::text[], $4::bigint[]) AS l(log, last) ON CONFLICT (subscription, log) DO NOTHING
        """;

    public const string End = """
        WITH ended AS (DELETE FROM topic_subscriptions WHERE number = ANY ($1::bigint[]) RETURNING number),
        passed AS (DELETE FROM topic_cursors WHERE subscription = ANY ($1::bigint[]))
        UPDATE topic_registry SET generation = generation + (SELECT count(*) FROM ended)
        """;

    public const string TakeUp = """
        WITH former AS (SELECT number, session FROM topic_subscriptions WHERE identity = $1 AND has_begun FOR UPDATE)
        UPDATE topic_subscriptions s SET session = $2, seen_at = GREATEST(seen_at, $3) FROM former f WHERE s.number = f.number
        RETURNING s.number, f.session IS NOT NULL
        """;

    public const string ReadMarks = "SELECT log, settled, offered FROM topic_cursors WHERE subscription = $1 ORDER BY log";

    public const string SaveMarks = """
        INSERT INTO topic_cursors AS c (subscription, log, settled, offered)
        SELECT subscription, log, max(settled), max(offered) FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])
            AS m(subscription, log, settled, offered)
        WHERE EXISTS (SELECT FROM topic_subscriptions s WHERE s.number = m.subscription)
        GROUP BY subscription, log ORDER BY subscription, log
        ON CONFLICT (subscription, log) DO UPDATE SET settled = GREATEST(c.settled, EXCLUDED.settled), offered = GREATEST(c.offered, EXCLUDED.offered)
        """;

    /// <summary>Subscriptions in $1; beside them in $2 the session that has given it up, or null.</summary>
    public const string SaveSessions = """
        UPDATE topic_subscriptions s SET seen_at = GREATEST(s.seen_at, $3), session = NULLIF(s.session, p.ended)
        FROM (SELECT number, max(ended) AS ended FROM unnest($1::bigint[], $2::text[]) AS p(number, ended) GROUP BY number) AS p
        WHERE s.number = p.number
        RETURNING s.number
        """;

    public const string ReadGeneration = "SELECT generation FROM topic_registry";

    /// <summary>From one interest to the next by their index: however many subscriptions there are to it.</summary>
    public const string ReadInterests = """
        WITH RECURSIVE interests AS (
            (SELECT exchange, pattern FROM topic_subscriptions ORDER BY exchange, pattern LIMIT 1)
            UNION ALL
            SELECT n.exchange, n.pattern FROM interests i, LATERAL (
                SELECT s.exchange, s.pattern FROM topic_subscriptions s
                WHERE (s.exchange, s.pattern) > (i.exchange, i.pattern) ORDER BY s.exchange, s.pattern LIMIT 1) AS n)
        SELECT r.generation, i.exchange, i.pattern FROM topic_registry r LEFT JOIN interests i ON true
        """;

    /// <summary>A subscription without a mark has had nothing of that log.</summary>
    public const string ReadLowest = """
        WITH subscriptions AS (SELECT count(*) AS count FROM topic_subscriptions)
        SELECT s.count, m.log, m.settled FROM subscriptions s LEFT JOIN (
            SELECT c.log, min(c.settled) AS settled, count(*) AS count FROM topic_cursors c
            JOIN topic_subscriptions t ON t.number = c.subscription GROUP BY c.log) AS m ON m.count = s.count
        """;

    public const string FindAbandoned = "SELECT number FROM topic_subscriptions WHERE seen_at < $1 ORDER BY number LIMIT $2";
}
