using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Ingress.Topology;

/// <summary>
/// The two ways from the entry to the partition queues, docs/decisions/0012. What waits in the waiting queue of the way that is not in use is older than what
/// is in the partition queues, and that older than what waits in the other one. So the way is changed when there is nothing of the first two.
/// </summary>
/// <param name="layout">The layout in use.</param>
/// <param name="hashHeader">See <see cref="IngressOptions.HashHeader"/>.</param>
internal sealed class IngressWays(PartitionLayout layout, string? hashHeader)
{
    /// <summary>
    /// A publisher's channel that has read the former way may not have put its message into the queue yet: it is within the broker, and takes microseconds, or
    /// as long as the machine lets it wait for a core.
    /// </summary>
    public static readonly TimeSpan UnderWay = TimeSpan.FromMilliseconds(250);

    private IngressWay? _last;

    /// <summary>The way in use, and whether it leads to the partition queues. A ring that is not that of the way in use is one that is being made.</summary>
    public async Task<(IngressWay Way, bool HasRing)> ReadAsync(BrokerProbe probe, CancellationToken cancellationToken)
    {
        // What is missing costs a line in the broker's log, so it is looked for where it was.
        if (_last is { } last && await probe.HasExchangeAsync(layout.RingOf(last), cancellationToken))
            return (last, true);
        var way = await probe.HasExchangeAsync(IngressWay.Direct.Exchange, cancellationToken) ? IngressWay.Direct : IngressWay.Detour;
        var hasRing = way != _last && await probe.HasExchangeAsync(layout.RingOf(way), cancellationToken);
        _last = way;
        return (way, hasRing);
    }

    /// <summary>Declares all but the rings, and <see cref="IngressWay.Direct"/>'s exchange, which says something by being there.</summary>
    public async Task DeclareAsync(BrokerProbe probe, CancellationToken cancellationToken)
    {
        await DeclareWaitingAsync(IngressWay.Detour, probe, cancellationToken);
        await DeclareWaitingAsync(IngressWay.Direct, probe, cancellationToken);
        if (!await probe.TryDeclareAsync(channel => DeclareExchangeAsync(channel, IngressWay.Detour, cancellationToken), cancellationToken))
        {
            // One from before there were waiting queues.
            var former = await probe.ChannelAsync(cancellationToken);
            await former.ExchangeDeleteAsync(IngressWay.Detour.Exchange, ifUnused: true, cancellationToken: cancellationToken);
            await DeclareExchangeAsync(former, IngressWay.Detour, cancellationToken);
        }
        var channel = await probe.ChannelAsync(cancellationToken);
        await channel.ExchangeDeclareAsync(
            PartitionLayout.EntryExchange,
            ExchangeType.Fanout,
            durable: true,
            autoDelete: false,
            new Dictionary<string, object?> { ["alternate-exchange"] = IngressWay.Detour.Exchange },
            cancellationToken: cancellationToken
        );
    }

    /// <summary>
    /// Binds again what belongs to the way in use, in the order in which it is opened: that may have been left half done. Declares nothing: what is gone, or
    /// goes meanwhile, changes the way.
    /// </summary>
    public async Task BindAsync(IChannel channel, IngressWay way, bool hasRing, CancellationToken cancellationToken)
    {
        if (hasRing)
        {
            await layout.BindRingAsync(channel, way, cancellationToken);
            await channel.ExchangeBindAsync(layout.RingOf(way), way.Exchange, "", cancellationToken: cancellationToken);
        }
        if (way == IngressWay.Direct)
            await channel.ExchangeBindAsync(way.Exchange, PartitionLayout.EntryExchange, "", cancellationToken: cancellationToken);
    }

    /// <summary>
    /// Opens the way that is not in use, with the lock: makes its ring, and then turns the entry to it, in one step that outlives the broker. Whoever is
    /// interrupted leaves it where it was, or so far that <see cref="BindAsync"/> completes it.
    /// </summary>
    public async Task OpenAsync(BrokerProbe probe, IngressWay next, CancellationToken cancellationToken)
    {
        if (!await probe.TryDeclareAsync(declaring => layout.DeclareQueueAsync(declaring, next.Waiting, cancellationToken), cancellationToken))
        {
            // Of a former layout's type. Nothing is in it, and nothing comes to it yet.
            await (await probe.ChannelAsync(cancellationToken)).QueueDeleteAsync(
                next.Waiting,
                ifUnused: false,
                ifEmpty: false,
                cancellationToken: cancellationToken
            );
            await DeclareWaitingAsync(next, probe, cancellationToken);
        }
        var channel = await probe.ChannelAsync(cancellationToken);
        await channel.ExchangeDeleteAsync(layout.RingOf(next), cancellationToken: cancellationToken);
        await layout.DeclareRingAsync(channel, next, hashHeader, cancellationToken);
        if (next == IngressWay.Direct)
            await DeclareExchangeAsync(channel, next, cancellationToken);
        await BindAsync(channel, next, hasRing: true, cancellationToken);
        if (next == IngressWay.Detour)
            await channel.ExchangeDeleteAsync(IngressWay.Direct.Exchange, cancellationToken: cancellationToken);
        await Task.Delay(UnderWay, cancellationToken);
    }

    /// <summary>Cuts a layout's rings off: what comes waits.</summary>
    public static async Task CloseAsync(IChannel channel, PartitionLayout layout, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeleteAsync(layout.RingOf(IngressWay.Direct), cancellationToken: cancellationToken);
        await channel.ExchangeDeleteAsync(layout.RingOf(IngressWay.Detour), cancellationToken: cancellationToken);
    }

    /// <summary>Unbinds the entry from the exchange that a layout is found by: before there were waiting queues, it led to the partition queues.</summary>
    public static Task UnbindAsync(IChannel channel, PartitionLayout layout, CancellationToken cancellationToken) =>
        channel.ExchangeUnbindAsync(layout.Exchange, PartitionLayout.EntryExchange, "", cancellationToken: cancellationToken);

    private static Task DeclareExchangeAsync(IChannel channel, IngressWay way, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(
            way.Exchange,
            ExchangeType.Fanout,
            durable: true,
            autoDelete: false,
            new Dictionary<string, object?> { ["alternate-exchange"] = way.Waiting },
            cancellationToken: cancellationToken
        );

    private async Task DeclareWaitingAsync(IngressWay way, BrokerProbe probe, CancellationToken cancellationToken)
    {
        // One of a former layout's type stays as it is, until the way is opened again.
        var isThere = await probe.HasQueueAsync(way.Waiting, cancellationToken);
        var channel = await probe.ChannelAsync(cancellationToken);
        if (!isThere)
            await layout.DeclareQueueAsync(channel, way.Waiting, cancellationToken);
        await channel.ExchangeDeclareAsync(way.Waiting, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(way.Waiting, way.Waiting, "", cancellationToken: cancellationToken);
    }
}
