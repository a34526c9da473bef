using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Ingress.Topology;

/// <summary>
/// One silo at a time: an exclusive queue, which the broker takes away with the connection of a silo that dies. Within a silo it is no lock, as it belongs to a
/// connection.
/// </summary>
internal sealed class IngressLock : IAsyncDisposable
{
    private const string Queue = PartitionLayout.EntryExchange + ".lock";

    // It is held for some requests, and for a moment more when the way has changed.
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);
    private const int Tries = 10;

    private readonly BrokerProbe _probe;

    private IngressLock(BrokerProbe probe) => _probe = probe;

    /// <exception cref="QueueNotReadyException">Another silo has it.</exception>
    public static async Task<IngressLock> AcquireAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var probe = new BrokerProbe(connection);
        try
        {
            for (var left = Tries; !await probe.TryDeclareExclusiveAsync(Queue, cancellationToken); left--)
            {
                if (left == 0)
                    throw new QueueNotReadyException("another silo is about to change the way to the partition queues");
                await Task.Delay(Retry, cancellationToken);
            }
            return new IngressLock(probe);
        }
        catch
        {
            await probe.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (await _probe.ChannelAsync(CancellationToken.None)).QueueDeleteAsync(
                Queue,
                ifUnused: false,
                ifEmpty: false,
                cancellationToken: CancellationToken.None
            );
        }
        catch (Exception)
        {
            // With the connection the queue is gone.
        }
        await _probe.DisposeAsync();
    }
}
