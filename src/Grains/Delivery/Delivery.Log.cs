using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Delivery;

internal static partial class DeliveryLog
{
    [LoggerMessage(1300, LogLevel.Information, "Link {Link} to edge {Edge} opened.")]
    public static partial void LinkOpened(this ILogger logger, long link, string edge);

    [LoggerMessage(1301, LogLevel.Information, "Link {Link} to edge {Edge} ended ({Reason}); {Subscriptions} subscriptions are taken away.")]
    public static partial void LinkEnded(this ILogger logger, long link, string edge, string reason, int subscriptions);

    [LoggerMessage(1302, LogLevel.Debug, "A batch to edge {Edge} was not answered and is sent again.")]
    public static partial void PushFailed(this ILogger logger, Exception exception, string edge);

    [LoggerMessage(1303, LogLevel.Warning, "Subscriptions of edge {Edge}, which has gone, could not be taken away from shard {Shard}.")]
    public static partial void UnregisteringFailed(this ILogger logger, Exception exception, string edge, int shard);

    [LoggerMessage(1304, LogLevel.Warning, "Edge {Edge} does not keep up with topic messages; some are dropped for it.")]
    public static partial void TopicBacklogFull(this ILogger logger, string edge);

    [LoggerMessage(1305, LogLevel.Warning, "A user could not be told what a session has settled; it is tried again.")]
    public static partial void SettlingFailed(this ILogger logger, Exception exception);
}
