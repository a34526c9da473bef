using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Shards;

internal static partial class ShardsLog
{
    [LoggerMessage(1200, LogLevel.Debug, "Shard {Shard} taken with epoch {Epoch}.")]
    public static partial void ShardTaken(this ILogger logger, int shard, long epoch);

    [LoggerMessage(1201, LogLevel.Debug, "Shard {Shard} given up, epoch {Epoch}.")]
    public static partial void ShardGivenUp(this ILogger logger, int shard, long epoch);

    [LoggerMessage(1207, LogLevel.Debug, "Shard {Shard} is handed over to another silo, epoch {Epoch}.")]
    public static partial void ShardHandedOver(this ILogger logger, int shard, long epoch);

    [LoggerMessage(1208, LogLevel.Information, "{Count} shards are handed over to silos that have joined.")]
    public static partial void ShardsMoving(this ILogger logger, int count);

    [LoggerMessage(1202, LogLevel.Warning, "Shard {Shard} has a newer owner than epoch {Epoch}; this activation ends.")]
    public static partial void ShardStale(this ILogger logger, int shard, long epoch);

    [LoggerMessage(1203, LogLevel.Warning, "Settlements for silo {Silo} were given up; its dispatchers offer the deliveries again.")]
    public static partial void SettlementsGivenUp(this ILogger logger, Exception exception, string silo);

    [LoggerMessage(1204, LogLevel.Warning, "A user's grain of shard {Shard} could not be called; its messages are offered again.")]
    public static partial void UserCallFailed(this ILogger logger, Exception exception, int shard);

    [LoggerMessage(1205, LogLevel.Debug, "The outbox takes no messages of shard {Shard}; the broker keeps them until it does.")]
    public static partial void StoringFailed(this ILogger logger, Exception exception, int shard);

    [LoggerMessage(1209, LogLevel.Information, "A durable subscription of shard {Shard} was ended: nobody has come for it in its time.")]
    public static partial void DurableAbandoned(this ILogger logger, int shard);

    [LoggerMessage(1206, LogLevel.Error, "Looking after shard {Shard} failed.")]
    public static partial void SweepFailed(this ILogger logger, Exception exception, int shard);
}
