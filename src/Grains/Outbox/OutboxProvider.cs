namespace NotifyOrleans.Grains.Outbox;

/// <summary>The engines behind <see cref="IOutboxStore"/>.</summary>
public enum OutboxProvider
{
    /// <summary>Embedded in the silo, in a folder of its own: one silo.</summary>
    RocksDb,

    /// <summary>A database that many silos share.</summary>
    PostgreSql,
}
