using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

internal sealed partial class QueueConsumer
{
    [LoggerMessage(1010, LogLevel.Debug, "Consuming for {Queue}, channel {Epoch}")]
    private partial void LogConsuming(string queue, long epoch);

    [LoggerMessage(1011, LogLevel.Warning, "Nothing can be consumed for {Queue}, trying on: {Reason}")]
    private partial void LogFault(string queue, string reason);

    [LoggerMessage(1012, LogLevel.Information, "Consuming for {Queue} again, channel {Epoch}")]
    private partial void LogRecovered(string queue, long epoch);

    [LoggerMessage(1013, LogLevel.Warning, "Closing the channel of {Queue} so that the broker delivers again what is not settled: {Reason}")]
    private partial void LogRedelivering(string queue, string reason);

    [LoggerMessage(1014, LogLevel.Information, "The queues have changed: {Queue} begins anew on another channel.")]
    private partial void LogReassigning(string queue);
}
