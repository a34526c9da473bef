using RabbitMQ.Client;

namespace NotifyOrleans.Benchmarks.Queues;

/// <summary>
/// Consumes one partition as a silo does: a channel of its own, up to 1,000 unsettled, and what has come acknowledged together after a pause.
/// </summary>
internal sealed class PartitionConsumer : AsyncDefaultBasicConsumer, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeSpan _ackInterval;
    private Task _acknowledging = Task.CompletedTask;
    private ulong _newest;
    private ulong _acknowledged;

    private PartitionConsumer(IChannel channel, TimeSpan ackInterval)
        : base(channel) => _ackInterval = ackInterval;

    /// <summary>Messages so far.</summary>
    public long Count => (long)Volatile.Read(ref _newest);

    public static async Task<PartitionConsumer> StartAsync(IConnection connection, string queue, PartitionKind kind, TimeSpan ackInterval)
    {
        var channel = await connection.CreateChannelAsync();
        var consumer = new PartitionConsumer(channel, ackInterval);
        await channel.BasicQosAsync(0, 1000, global: false);
        await channel.BasicConsumeAsync(queue, autoAck: false, "", noLocal: false, exclusive: false, kind.ConsumerArguments, consumer);
        consumer._acknowledging = consumer.AcknowledgeAsync();
        return consumer;
    }

    public override Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    )
    {
        Volatile.Write(ref _newest, deliveryTag);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _acknowledging;
        await Channel.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task AcknowledgeAsync()
    {
        using var timer = new PeriodicTimer(_ackInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                if (Volatile.Read(ref _newest) is var newest && newest > _acknowledged)
                    await Channel.BasicAckAsync(_acknowledged = newest, multiple: true, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }
}
