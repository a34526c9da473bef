namespace NotifyOrleans.Edge.Publishing;

/// <summary>Events of publishing.</summary>
internal static partial class PublishingLog
{
    [LoggerMessage(1810, LogLevel.Information, "The channel for exchange {Exchange} was lost; what is not confirmed is sent again. {Reason}")]
    public static partial void LogChannelLost(this ILogger logger, string exchange, string reason);

    [LoggerMessage(1811, LogLevel.Warning, "A message for exchange {Exchange} cannot be written as AMQP and is refused. {Reason}")]
    public static partial void LogUnwritable(this ILogger logger, string exchange, string reason);
}
