using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Queues;

internal static partial class QueuesLog
{
    [LoggerMessage(
        1460,
        LogLevel.Information,
        "The consumer of queue {Queue} for subscription {Subscription} of edge {Edge} was ended by the broker: {Reason}"
    )]
    public static partial void ConsumerInterrupted(this ILogger logger, string queue, long subscription, string edge, string reason);

    [LoggerMessage(1461, LogLevel.Debug, "The channel of queue {Queue} could not be closed in order; the broker takes back what is not settled all the same.")]
    public static partial void ClosingFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(1462, LogLevel.Debug, "Queue {Queue} could not be asked for.")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string queue);
}
