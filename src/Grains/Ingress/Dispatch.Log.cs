using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Ingress;

internal static partial class DispatchLog
{
    [LoggerMessage(1150, LogLevel.Debug, "Queue {Queue} is dispatched here, channel epoch {ChannelEpoch}.")]
    public static partial void ChannelBegun(this ILogger logger, string queue, long channelEpoch);

    [LoggerMessage(1151, LogLevel.Warning, "Shard {Shard} could not be called; queue {Queue} offers the deliveries again until it can.")]
    public static partial void OfferFailed(this ILogger logger, Exception exception, int shard, string queue);

    [LoggerMessage(1152, LogLevel.Information, "Shard {Shard} has a new owner; {Count} deliveries of queue {Queue} are offered to it again.")]
    public static partial void OwnerChanged(this ILogger logger, int shard, int count, string queue);

    [LoggerMessage(1153, LogLevel.Warning, "A delivery of queue {Queue} becomes a dead letter: {Reason}.")]
    public static partial void DeadLettered(this ILogger logger, string queue, string reason);

    [LoggerMessage(1154, LogLevel.Warning, "The broker takes no dead letters; the delivery of queue {Queue} is kept until it does.")]
    public static partial void DeadLetteringFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(
        1156,
        LogLevel.Warning,
        "Queue {Queue} has gone to another silo, and its channel here ({ChannelEpoch}; the newest is {NewestChannel}) ends: "
            + "this silo was frozen, or its clock is behind."
    )]
    public static partial void Superseded(this ILogger logger, string queue, long channelEpoch, long newestChannel);

    [LoggerMessage(1157, LogLevel.Debug, "Shards could not be asked to store what queue {Queue} waits for.")]
    public static partial void HasteningFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(1158, LogLevel.Debug, "The dispatcher of queue {Queue} could not be told of its channel; it is told again.")]
    public static partial void ChannelNotTold(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(1155, LogLevel.Error, "A delivery of queue {Queue} could not be dispatched; its channel is closed so that the broker delivers again.")]
    public static partial void DispatchFailed(this ILogger logger, Exception exception, string queue);
}
