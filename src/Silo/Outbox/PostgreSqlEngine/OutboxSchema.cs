using NotifyOrleans.Silo.Database;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>The outbox's tables, as the scripts beside it make them.</summary>
internal static class OutboxSchema
{
    public static SchemaMigrations Migrations(ILogger logger) => new("outbox", typeof(OutboxSchema), logger);
}
