namespace NotifyOrleans.Silo.Ingress.Recipients.PostgreSqlEngine;

/// <summary>The SQL. Each is one statement, and so one transaction in one round trip that nobody can leave half done.</summary>
internal static class RecipientsStatements
{
    public const string Open = """
        INSERT INTO recipients_logs AS l (log, epoch, last) VALUES ($1, 1, 0)
        ON CONFLICT (log) DO UPDATE SET epoch = l.epoch + 1 RETURNING epoch, last
        """;

    /// <summary>Nothing when the log has a newer writer. What is not above the highest number is there, or is gone again: the call was repeated.</summary>
    public const string Append = """
        WITH former AS (SELECT log, last FROM recipients_logs WHERE log = $1 AND epoch = $2 FOR UPDATE),
        claimed AS (UPDATE recipients_logs l SET last = GREATEST(l.last, $3) FROM former f WHERE l.log = f.log),
        appended AS (
            INSERT INTO recipients_deliveries (log, number, delivery)
            SELECT f.log, d.* FROM former f, unnest($4::bigint[], $5::bytea[]) AS d(number, delivery) WHERE d.number > f.last)
        SELECT log FROM former
        """;

    /// <summary>Those behind a number, up to the one that reaches the bytes ($4).</summary>
    public const string Read = """
        SELECT number, delivery FROM (
            SELECT number, delivery, sum(octet_length(delivery)) OVER (ORDER BY number ROWS UNBOUNDED PRECEDING) - octet_length(delivery) AS before FROM (
                SELECT number, delivery FROM recipients_deliveries WHERE log = $1 AND number > $2 ORDER BY number LIMIT $3) AS limited) AS summed
        WHERE before < $4 ORDER BY number
        """;

    public const string FindLogs = "SELECT DISTINCT log FROM recipients_deliveries";

    public const string Delete = "DELETE FROM recipients_deliveries WHERE log = $1 AND number = ANY ($2::bigint[])";
}
