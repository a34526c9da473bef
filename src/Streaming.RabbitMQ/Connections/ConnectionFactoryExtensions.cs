using RabbitMQ.Client;

namespace NotifyOrleans.Streaming.RabbitMQ.Connections;

/// <summary>Connecting with an end to it: the client waits for ever for a broker, or a network, that takes a connection and then says nothing.</summary>
public static class ConnectionFactoryExtensions
{
    /// <summary>
    /// From the connect to <c>connection.open-ok</c> (AMQP 0-9-1, 2.2.4): far above what a busy broker needs, which asks others whether somebody may come in.
    /// </summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Opens a connection.</summary>
    /// <param name="factory">Where to and as whom.</param>
    /// <param name="name">The connection's name in the broker's management.</param>
    /// <param name="time">Clock of <see cref="OpenTimeout"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">The broker was not done within <see cref="OpenTimeout"/>.</exception>
    public static async Task<IConnection> OpenConnectionAsync(
        this ConnectionFactory factory,
        string name,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var patience = new CancellationTokenSource(OpenTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await factory.CreateConnectionAsync(name, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the broker has not opened the connection within {OpenTimeout.TotalSeconds} s");
        }
    }
}
