using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Silo.DeadLetters;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Silo.Ingress.Topology;

/// <summary>
/// Exchanges, queues and bindings between the sources and the partition queues:
/// source --binding keys--> entry (fanout) --> way (fanout) --> ring (consistent hash) --> partition queues, or else from the way to its waiting queue.
/// Only what is ours is declared, again and again, as somebody may delete it; the numbers of queues and bindings do not depend on clients.
/// </summary>
internal sealed partial class IngressTopology(IOptions<IngressOptions> options, BrokerAddress broker, IngressState state, ILogger<IngressTopology> logger)
    : IQueueTopology
{
    /// <summary>What the broker says to a type of exchange that it does not know.</summary>
    private const ushort UnknownExchangeType = Constants.CommandInvalid;

    private readonly IngressOptions _options = options.Value;
    private readonly SemaphoreSlim _one = new(1, 1);
    private long _runs;
    private PartitionLayout? _layout;
    private FormerLayouts? _former;
    private IngressWays? _ways;
    private bool _wasOpen = true;

    /// <summary>The name of a partition's stream; which queue feeds it is a matter of the layout.</summary>
    public static string StreamOf(int partition) => $"partition-{partition}";

    /// <summary>
    /// Whether messages wait elsewhere than in the partition queues, and nobody takes them: who consumes partition queues has to begin anew.
    /// </summary>
    public bool NeedsReassignment { get; private set; }

    public async Task<QueueAssignment> PrepareAsync(string queue, IConnection connection, CancellationToken cancellationToken)
    {
        await EnsureAsync(connection, cancellationToken);
        await _one.WaitAsync(cancellationToken);
        try
        {
            await using var probe = new BrokerProbe(connection);
            return await AssignAsync(PartitionOf(queue), consumed: null, connection, probe, cancellationToken)
                ?? await OpenAsync(PartitionOf(queue), connection, probe, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>
    /// With the lock, by which time the queue has a consumer: from here on nobody opens a way as long as it is consumed, and whoever has done so before is
    /// seen.
    /// </summary>
    public async Task<bool> ConfirmAsync(string queue, QueueAssignment assignment, IConnection connection, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await using var one = await IngressLock.AcquireAsync(connection, cancellationToken);
            await using var probe = new BrokerProbe(connection);
            return await AssignAsync(PartitionOf(queue), assignment.Queue, connection, probe, cancellationToken) == assignment;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>
    /// Makes everything as it should be. Of calls that come together one does it for all. What is wrong with a source is noted and stops nothing.
    /// </summary>
    public async Task EnsureAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var asked = Interlocked.Read(ref _runs);
        await _one.WaitAsync(cancellationToken);
        try
        {
            // A run that began after this call was made has done its work.
            if (Interlocked.Read(ref _runs) > asked + 1)
                return;
            await EnsureOursAsync(connection, cancellationToken);
            foreach (var source in _options.Sources)
                await EnsureSourceAsync(source, connection, cancellationToken);
            state.Fault = null;
            Interlocked.Increment(ref _runs);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            state.Fault = BrokerFault.Describe(exception);
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task EnsureOursAsync(IConnection connection, CancellationToken cancellationToken)
    {
        _layout ??= await ChooseLayoutAsync(cancellationToken);
        _ways ??= new IngressWays(_layout, _options.HashHeader);
        await using var probe = new BrokerProbe(connection);
        await DeadLetterExchange.DeclareAsync(await probe.ChannelAsync(cancellationToken), cancellationToken);
        await _ways.DeclareAsync(probe, cancellationToken);
        if (_former is null)
        {
            var former = new FormerLayouts(_layout, _options.Partitions);
            await former.FindAsync(connection, cancellationToken);
            foreach (var layout in former.Layouts)
                LogFormerLayout(layout.Exchange, _layout.Exchange);
            _former = former;
        }
        var channel = await probe.ChannelAsync(cancellationToken);
        await _layout.DeclareExchangeAsync(channel, _options.HashHeader, cancellationToken);
        await _layout.DeclareQueuesAsync(channel, cancellationToken);
        await IngressWays.UnbindAsync(channel, _layout, cancellationToken);
        await EnsureWayAsync(_layout, _ways, probe, cancellationToken);
    }

    private async Task EnsureWayAsync(PartitionLayout layout, IngressWays ways, BrokerProbe probe, CancellationToken cancellationToken)
    {
        var (way, isOpen) = await ways.ReadAsync(probe, cancellationToken);
        await ways.BindAsync(await probe.ChannelAsync(cancellationToken), way, isOpen, cancellationToken);
        if (isOpen && await probe.CountAsync(way.Waiting, cancellationToken) is (> 0, _))
        {
            // Somebody has unbound something: messages have passed the partition queues by. The way is opened again in order.
            await IngressWays.CloseAsync(await probe.ChannelAsync(cancellationToken), layout, cancellationToken);
            isOpen = false;
        }
        if (!isOpen && _wasOpen)
            LogClosed(way.Waiting);
        _wasOpen = isOpen;
        NeedsReassignment = !isOpen || await probe.CountAsync(way.Other.Waiting, cancellationToken) is (> 0, 0);
    }

    /// <summary>
    /// What a partition is fed from, oldest first: what waited before the way was opened, what is left in queues of former layouts, and then its own queue.
    /// Null when the way is closed and all of that is done.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="consumed">The queue that has a consumer for it already; null when there is none.</param>
    /// <param name="connection">An open connection.</param>
    /// <param name="probe">A probe on it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="QueueNotReadyException">Others, here or elsewhere, are still at it.</exception>
    private async Task<QueueAssignment?> AssignAsync(
        int partition,
        string? consumed,
        IConnection connection,
        BrokerProbe probe,
        CancellationToken cancellationToken
    )
    {
        var (layout, ways, former) = (_layout!, _ways!, _former!);
        var (way, isOpen) = await ways.ReadAsync(probe, cancellationToken);
        if (await DrainAsync(way.Other.Waiting, partition == 0, consumed, probe, cancellationToken) is { } waiting)
            return waiting;
        if (await former.NextAsync(partition, consumed, probe, cancellationToken) is { } rest)
            return rest;
        var own = partition < layout.Partitions ? layout.QueueOf(partition) : null;
        if (isOpen)
            return own is null ? QueueAssignment.Idle(state.Restriction ?? "") : QueueAssignment.Consume(own);
        // Its own first: it may be emptied while others are.
        foreach (var queue in layout.Queues.OrderByDescending(queue => queue == own))
        {
            if (await DrainAsync(queue, queue == own, consumed, probe, cancellationToken) is { } drain)
                return drain;
        }
        return null;
    }

    /// <summary>Null when nothing is left in a queue, and nobody consumes it.</summary>
    /// <exception cref="QueueNotReadyException">It is another's to empty, or another one has what is left of it.</exception>
    private static async Task<QueueAssignment?> DrainAsync(string queue, bool isOwn, string? consumed, BrokerProbe probe, CancellationToken cancellationToken)
    {
        if (queue == consumed)
            return QueueAssignment.Drain(queue);
        return await probe.CountAsync(queue, cancellationToken) switch
        {
            (0, 0) => null,
            (> 0, _) when isOwn => QueueAssignment.Drain(queue),
            _ => throw new QueueNotReadyException($"what is left in {queue} is older, and delivered first"),
        };
    }

    /// <summary>Opens the other way, unless somebody else is at it or was before, and says what a partition is fed from then.</summary>
    private async Task<QueueAssignment> OpenAsync(int partition, IConnection connection, BrokerProbe probe, CancellationToken cancellationToken)
    {
        await using var one = await IngressLock.AcquireAsync(connection, cancellationToken);
        if (await AssignAsync(partition, consumed: null, connection, probe, cancellationToken) is { } assignment)
            return assignment;
        var (way, _) = await _ways!.ReadAsync(probe, cancellationToken);
        await _ways.OpenAsync(probe, way.Other, cancellationToken);
        LogOpened((await probe.CountAsync(way.Waiting, cancellationToken)).Messages);
        return await AssignAsync(partition, consumed: null, connection, probe, cancellationToken)
            ?? throw new QueueNotReadyException("the way to the partition queues was closed again");
    }

    private int PartitionOf(string queue) => Enumerable.Range(0, _options.Partitions).First(number => StreamOf(number) == queue);

    /// <summary>The configured layout, or one queue where the broker lacks the plugin.</summary>
    private async Task<PartitionLayout> ChooseLayoutAsync(CancellationToken cancellationToken)
    {
        var layout = PartitionLayout.Of(_options);
        if (!layout.NeedsPlugin)
            return layout;
        // On a connection of its own: the broker closes it when it does not know the type.
        var factory = broker.CreateFactory();
        factory.AutomaticRecoveryEnabled = false;
        await using var connection = await factory.OpenConnectionAsync("notifyorleans silo probe", TimeProvider.System, cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await layout.DeclareExchangeAsync(channel, _options.HashHeader, cancellationToken);
            return layout;
        }
        catch (OperationInterruptedException exception) when (BrokerFault.CodeOf(exception) == UnknownExchangeType)
        {
            state.Restriction = $"one queue in place of {layout.Partitions}, as the broker lacks the plugin rabbitmq_consistent_hash_exchange";
            LogNoPlugin(layout.Partitions);
            return PartitionLayout.Of(_options with { Partitions = 1 });
        }
    }

    private async Task EnsureSourceAsync(SourceOptions source, IConnection connection, CancellationToken cancellationToken)
    {
        string? fault = null;
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            if (source.Declare)
                await channel.ExchangeDeclareAsync(source.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            else
                await channel.ExchangeDeclarePassiveAsync(source.Exchange, cancellationToken);
            foreach (var binding in source.Bindings)
                await channel.ExchangeBindAsync(PartitionLayout.EntryExchange, source.Exchange, binding, cancellationToken: cancellationToken);
        }
        catch (OperationInterruptedException exception) when (connection.IsOpen)
        {
            fault = BrokerFault.Describe(exception);
        }
        if (!state.SetSource(source.Exchange, fault))
            return;
        if (fault is null)
            LogSourceBound(source.Exchange);
        else
            LogSourceMissing(source.Exchange, fault);
    }
}
