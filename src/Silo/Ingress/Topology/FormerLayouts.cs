using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Silo.Ingress.Topology;

/// <summary>
/// Layouts that were in use before the current one, found by their names, and what is left in their queues: nothing comes to them any more. The partitions
/// share the work of emptying them; the way to the current layout's queues is opened when that is done, by all silos, so that messages stay in order.
/// </summary>
/// <param name="current">The layout in use.</param>
/// <param name="partitions">How many partitions share the work.</param>
internal sealed class FormerLayouts(PartitionLayout current, int partitions)
{
    /// <summary>
    /// Says which layout is the only one there is, by its alternate exchange, an argument that the broker compares; nothing is published to it. So that not
    /// every start has to look for all the layouts there can be: some 250 transactions of the broker, 0.1 to 2 s.
    /// </summary>
    private const string Record = PartitionLayout.EntryExchange + ".only";

    private readonly SortedSet<string> _queues = new(StringComparer.Ordinal);

    /// <summary>The layouts that have queues, or had when this silo first looked.</summary>
    public IReadOnlyList<PartitionLayout> Layouts { get; private set; } = [];

    /// <summary>
    /// Looks for layouts. Deleting an exchange that nothing is bound to, or that does not exist, is how to ask without an error in the broker's log.
    /// </summary>
    public async Task FindAsync(IConnection connection, CancellationToken cancellationToken)
    {
        if (await IsOnlyOneAsync(connection, cancellationToken))
            return;
        var found = new List<PartitionLayout>();
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            foreach (var layout in PartitionLayout.All().Where(layout => layout != current))
            {
                try
                {
                    await channel.ExchangeDeleteAsync(layout.Exchange, ifUnused: true, cancellationToken: cancellationToken);
                }
                catch (OperationInterruptedException exception) when (BrokerFault.CodeOf(exception) == Constants.PreconditionFailed)
                {
                    found.Add(layout);
                    await channel.DisposeAsync();
                    channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
                }
            }
        }
        finally
        {
            await channel.DisposeAsync();
        }
        await CutOffAsync(found, connection, cancellationToken);
        Layouts = found;
        _queues.UnionWith(found.SelectMany(layout => layout.Queues));
        if (found.Count == 0)
            await RecordAsync(connection, cancellationToken);
    }

    /// <summary>What a partition has to empty before it goes on to the current layout; null when all is done.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="consumed">The queue that has a consumer for it already.</param>
    /// <param name="probe">Asks for what is left.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="QueueNotReadyException">Other partitions, here or elsewhere, are still at it.</exception>
    public async Task<QueueAssignment?> NextAsync(int partition, string? consumed, BrokerProbe probe, CancellationToken cancellationToken)
    {
        if (Layouts.Count == 0)
            return null;
        string? elsewhere = null;
        foreach (var (index, queue) in Layouts.SelectMany(layout => layout.Queues).Index())
        {
            if (!_queues.Contains(queue))
                continue;
            if (queue == consumed)
                return QueueAssignment.Drain(queue);
            switch (await probe.CountAsync(queue, cancellationToken))
            {
                case (0, 0):
                    await DeleteAsync(queue, probe, cancellationToken);
                    break;
                case (> 0, _) when index % partitions == partition:
                    return QueueAssignment.Drain(queue);
                default:
                    elsewhere ??= queue;
                    break;
            }
        }
        if (elsewhere is not null)
            throw new QueueNotReadyException($"the former partition queue {elsewhere} is emptied first");
        await DeleteExchangesAsync(await probe.ChannelAsync(cancellationToken), cancellationToken);
        return null;
    }

    /// <summary>Sees to it that nothing comes to the former queues. What is published waits meanwhile.</summary>
    private async Task CutOffAsync(List<PartitionLayout> found, IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var layout in found)
        {
            await IngressWays.CloseAsync(channel, layout, cancellationToken);
            await IngressWays.UnbindAsync(channel, layout, cancellationToken);
        }
        if (found.Count > 0)
            await Task.Delay(IngressWays.UnderWay, cancellationToken);
    }

    private async Task<bool> IsOnlyOneAsync(IConnection connection, CancellationToken cancellationToken)
    {
        ushort code;
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken))
        {
            try
            {
                await channel.ExchangeDeclarePassiveAsync(Record, cancellationToken);
                await DeclareRecordAsync(channel, cancellationToken);
                return true;
            }
            catch (OperationInterruptedException exception) when (BrokerFault.CodeOf(exception) is Constants.NotFound or Constants.PreconditionFailed)
            {
                code = BrokerFault.CodeOf(exception);
            }
        }
        // Before anything of this layout is made: a silo that stops half way must find that both are there.
        if (code == Constants.PreconditionFailed)
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await channel.ExchangeDeleteAsync(Record, cancellationToken: cancellationToken);
        }
        return false;
    }

    private async Task RecordAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await DeclareRecordAsync(channel, cancellationToken);
    }

    private Task DeclareRecordAsync(IChannel channel, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(
            Record,
            ExchangeType.Fanout,
            durable: true,
            autoDelete: false,
            new Dictionary<string, object?> { ["alternate-exchange"] = current.Exchange },
            cancellationToken: cancellationToken
        );

    private async Task DeleteAsync(string queue, BrokerProbe probe, CancellationToken cancellationToken)
    {
        // Quorum queues do not know the conditions if-empty and if-unused.
        var channel = await probe.ChannelAsync(cancellationToken);
        await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, cancellationToken: cancellationToken);
        _queues.Remove(queue);
    }

    private async Task DeleteExchangesAsync(IChannel channel, CancellationToken cancellationToken)
    {
        foreach (var layout in Layouts)
            await channel.ExchangeDeleteAsync(layout.Exchange, cancellationToken: cancellationToken);
        Layouts = [];
        await DeclareRecordAsync(channel, cancellationToken);
    }
}
