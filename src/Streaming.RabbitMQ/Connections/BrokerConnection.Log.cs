using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Streaming.RabbitMQ.Connections;

public sealed partial class BrokerConnection
{
    [LoggerMessage(1000, LogLevel.Information, "Connected to the broker at {Host}:{Port} as {Connection}")]
    private partial void LogConnected(string connection, string host, int port);

    [LoggerMessage(1001, LogLevel.Warning, "The broker at {Host}:{Port} cannot be reached for {Connection}, trying on: {Reason}")]
    private partial void LogUnreachable(string connection, string host, int port, string reason);

    [LoggerMessage(1002, LogLevel.Warning, "The connection {Connection} to the broker is lost: {Reason}")]
    private partial void LogLost(string connection, string reason);

    [LoggerMessage(1003, LogLevel.Warning, "The broker takes no messages from {Connection} for now: {Reason}")]
    private partial void LogBlocked(string connection, string reason);

    [LoggerMessage(1004, LogLevel.Information, "The broker takes messages from {Connection} again")]
    private partial void LogUnblocked(string connection);
}
