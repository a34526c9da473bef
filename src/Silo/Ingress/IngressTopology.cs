using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Silo.Ingress;

/// <summary>
/// Exchanges, queues and bindings between the sources and the partition queues:
/// source --binding keys--> entry (fanout) --> layout's exchange (consistent hash) --> partition queues.
/// Only what is ours is declared, again and again, as somebody may delete it; the numbers of queues and bindings do not depend on clients.
/// </summary>
internal sealed partial class IngressTopology(
    IOptions<IngressOptions> options, BrokerAddress broker, IngressState state, ILogger<IngressTopology> logger) : IQueueTopology
{
    private const ushort UnknownExchangeType = 503;

    private readonly IngressOptions _options = options.Value;
    private readonly SemaphoreSlim _one = new(1, 1);
    private long _runs;
    private PartitionLayout? _layout;
    private FormerLayouts? _former;

    /// <summary>The name of a partition's stream; which queue feeds it is a matter of the layout.</summary>
    public static string StreamOf(int partition) => $"partition-{partition}";

    public async Task<QueueAssignment> PrepareAsync(string queue, IConnection connection, CancellationToken cancellationToken)
    {
        await EnsureAsync(connection, cancellationToken);
        var partition = Enumerable.Range(0, _options.Partitions).First(number => StreamOf(number) == queue);
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await _former!.NextAsync(partition, connection, cancellationToken)
                ?? (partition < _layout!.Partitions ? QueueAssignment.Consume(_layout.QueueOf(partition)) : QueueAssignment.Idle(state.Restriction ?? ""));
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Makes everything as it should be. Of calls that come together one does it for all. What is wrong with a source is noted and stops nothing.</summary>
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
        if (_former is null)
        {
            var former = new FormerLayouts(_layout, _options.Partitions);
            await former.FindAsync(connection, cancellationToken);
            foreach (var layout in former.Layouts)
                LogFormerLayout(layout.Exchange, _layout.Exchange);
            _former = former;
        }
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await DeadLetters.DeclareAsync(channel, cancellationToken);
        await _layout.DeclareExchangeAsync(channel, _options.HashHeader, cancellationToken);
        await _layout.DeclareQueuesAsync(channel, cancellationToken);
        await channel.ExchangeDeclareAsync(PartitionLayout.DetourExchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(
            PartitionLayout.EntryExchange, ExchangeType.Fanout, durable: true, autoDelete: false,
            new Dictionary<string, object?> { ["alternate-exchange"] = PartitionLayout.DetourExchange }, cancellationToken: cancellationToken);
        await SwitchAsync(channel, _layout, _former.Layouts, cancellationToken);
    }

    /// <summary>
    /// From the former layouts to this one, so that each message takes one way: while the entry is bound to neither, what it cannot route goes by its
    /// alternate exchange, the detour, to the new one.
    /// </summary>
    private static async Task SwitchAsync(IChannel channel, PartitionLayout layout, IReadOnlyList<PartitionLayout> former, CancellationToken cancellationToken)
    {
        if (former.Count > 0)
            await channel.ExchangeBindAsync(layout.Exchange, PartitionLayout.DetourExchange, "", cancellationToken: cancellationToken);
        foreach (var left in former)
        {
            await channel.ExchangeUnbindAsync(left.Exchange, PartitionLayout.DetourExchange, "", cancellationToken: cancellationToken);
            await channel.ExchangeUnbindAsync(left.Exchange, PartitionLayout.EntryExchange, "", cancellationToken: cancellationToken);
        }
        await channel.ExchangeBindAsync(layout.Exchange, PartitionLayout.EntryExchange, "", cancellationToken: cancellationToken);
        await channel.ExchangeUnbindAsync(layout.Exchange, PartitionLayout.DetourExchange, "", cancellationToken: cancellationToken);
    }

    /// <summary>The configured layout, or one queue where the broker lacks the plugin.</summary>
    private async Task<PartitionLayout> ChooseLayoutAsync(CancellationToken cancellationToken)
    {
        var layout = PartitionLayout.Of(_options);
        if (!layout.NeedsPlugin)
            return layout;
        // On a connection of its own: the broker closes it when it does not know the type.
        var factory = broker.CreateFactory();
        factory.AutomaticRecoveryEnabled = false;
        await using var connection = await factory.CreateConnectionAsync("notifyorleans silo probe", cancellationToken);
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
