namespace NotifyOrleans.Edge.Queues;

/// <summary>Calls to silos that are tried again are no more than a detail; metrics count them.</summary>
internal static partial class QueuesLog
{
    [LoggerMessage(1760, LogLevel.Debug, "A queue could not be subscribed to; trying again.")]
    public static partial void LogSubscribingFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1761, LogLevel.Debug, "The end of a subscription to a queue could not be told to silo {Silo}; trying again.")]
    public static partial void LogEndingFailed(this ILogger logger, Exception exception, string silo);

    [LoggerMessage(1762, LogLevel.Error, "A subscription to a queue could not be renewed.")]
    public static partial void LogRenewingFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1763, LogLevel.Error, "Silo {Silo} has pushed a message for another user to subscription {Subscription}; it was not delivered.")]
    public static partial void LogForeignUser(this ILogger logger, long subscription, string silo);

    [LoggerMessage(1764, LogLevel.Debug, "The type of exchange {Exchange} is not known.")]
    public static partial void LogTypeUnknown(this ILogger logger, Exception exception, string exchange);
}
