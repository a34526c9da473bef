using System.Data;
using Npgsql;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>Why the database takes no commits.</summary>
/// <param name="Reason">Says it to an operator.</param>
/// <param name="IsReadable">Whether it can be expected to answer reads all the same.</param>
internal sealed record DatabaseFault(string Reason, bool IsReadable)
{
    public static DatabaseFault Of(string place, Exception fault) =>
        new(
            $"The outbox's database {place} cannot be used: {Explain(fault)}.",
            fault is ReadOnlyException or PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.ReadOnlySqlTransaction }
        );

    private static string Explain(Exception fault) =>
        fault switch
        {
            PostgresException refused => $"{refused.MessageText} ({refused.SqlState})",
            TimeoutException or { InnerException: TimeoutException } => "it does not answer in time",
            { InnerException: { } inner } => $"{fault.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}",
            _ => fault.Message.TrimEnd('.'),
        };
}
