using NotifyOrleans.Silo.DeadLetters;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Ingress.Topology;

/// <summary>
/// How messages are spread over queues: a ring, and its queues. What tells two layouts apart is part of their names, so that they can be side by side
/// while the former one is emptied.
/// </summary>
/// <param name="Partitions">How many queues.</param>
/// <param name="QueueType">How the broker keeps them.</param>
/// <param name="ByHeader">Whether a header chooses the queue, in place of the routing key.</param>
internal sealed record PartitionLayout(int Partitions, PartitionQueueType QueueType, bool ByHeader)
{
    private const string Prefix = "notifyorleans.ingress";

    /// <summary>All sources are bound to it.</summary>
    public const string EntryExchange = Prefix;

    private const string ConsistentHash = "x-consistent-hash";

    // RabbitMQ 4 drops a quorum queue's message after 20 deliveries; ours come again as often as a silo is lost.
    private const int DeliveryLimit = 1_000_000_000;

    /// <summary>The share of a queue, as its binding key: the same for all.</summary>
    private const string Weight = "1";

    /// <summary>The layout that the options describe.</summary>
    public static PartitionLayout Of(IngressOptions options) =>
        new(options.Partitions, options.QueueType, options is { Partitions: > 1, HashHeader: not null });

    /// <summary>Every layout that there can be.</summary>
    public static IEnumerable<PartitionLayout> All() =>
        from partitions in Enumerable.Range(1, IngressOptions.MaxPartitions)
        from type in Enum.GetValues<PartitionQueueType>()
        from byHeader in partitions == 1 ? (bool[])[false] : [false, true]
        select new PartitionLayout(partitions, type, byHeader);

    public static bool IsOurs(string exchange) =>
        exchange == Prefix || exchange.StartsWith(Prefix + ".", StringComparison.Ordinal) || exchange == DeadLetterExchange.Name;

    /// <summary>The exchange by which the layout is found again: its queues are bound to it, it is bound to nothing.</summary>
    public string Exchange => $"{Prefix}.{Partitions}{(QueueType == PartitionQueueType.Quorum ? ".quorum" : "")}{(ByHeader ? ".header" : "")}";

    /// <summary>Whether the exchange is of the plugin's type; one queue needs no choice.</summary>
    public bool NeedsPlugin => Partitions > 1;

    public IEnumerable<string> Queues => Enumerable.Range(0, Partitions).Select(QueueOf);

    public string QueueOf(int partition) => $"{Exchange}.{partition}";

    /// <summary>The exchange that chooses the queue, for messages that come by a way.</summary>
    public string RingOf(IngressWay way) => $"{Exchange}.{way.Name}";

    /// <summary>
    /// Declares the exchange that the layout is found by; without the plugin the broker closes the connection for it (503, unknown exchange type).
    /// </summary>
    public Task DeclareExchangeAsync(IChannel channel, string? hashHeader, CancellationToken cancellationToken)
    {
        var arguments = new Dictionary<string, object?>();
        if (ByHeader)
        {
            arguments["hash-header"] = hashHeader;
            // Another hash header would be passed over when the exchange is there already. The name of an alternate exchange is compared; there is none of this
            // name.
            arguments["alternate-exchange"] = $"{Prefix}.by.{hashHeader}";
        }
        return channel.ExchangeDeclareAsync(
            Exchange,
            NeedsPlugin ? ConsistentHash : ExchangeType.Fanout,
            durable: true,
            autoDelete: false,
            arguments,
            cancellationToken: cancellationToken
        );
    }

    /// <summary>Declares the queues, by which the layout is found again from now on. Nothing comes to them but by a ring.</summary>
    public async Task DeclareQueuesAsync(IChannel channel, CancellationToken cancellationToken)
    {
        foreach (var queue in Queues)
        {
            await DeclareQueueAsync(channel, queue, cancellationToken);
            await channel.QueueBindAsync(queue, Exchange, Weight, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Declares a queue of the layout's type.</summary>
    public Task DeclareQueueAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        var arguments = new Dictionary<string, object?>
        {
            ["x-queue-type"] = QueueType == PartitionQueueType.Quorum ? "quorum" : "classic",
            // Two silos may both consume for a moment at a handover: only one of them is given deliveries.
            ["x-single-active-consumer"] = true,
        };
        if (QueueType == PartitionQueueType.Quorum)
            arguments["x-delivery-limit"] = DeliveryLimit;
        return channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
    }

    /// <summary>
    /// Declares the ring of a way. It goes with the broker: the plugin, which knows its bindings by their order, would take them up again in any order, and a
    /// key would be led to another queue than the one where its older messages wait.
    /// </summary>
    public async Task DeclareRingAsync(IChannel channel, IngressWay way, string? hashHeader, CancellationToken cancellationToken)
    {
        var arguments = new Dictionary<string, object?> { ["alternate-exchange"] = way.Waiting };
        if (ByHeader)
            arguments["hash-header"] = hashHeader;
        await channel.ExchangeDeclareAsync(
            RingOf(way),
            NeedsPlugin ? ConsistentHash : ExchangeType.Fanout,
            durable: false,
            autoDelete: false,
            arguments,
            cancellationToken: cancellationToken
        );
        await BindRingAsync(channel, way, cancellationToken);
    }

    /// <summary>Binds the queues to the ring of a way, always in the same order, so that a key has the same queue for ever.</summary>
    public async Task BindRingAsync(IChannel channel, IngressWay way, CancellationToken cancellationToken)
    {
        foreach (var queue in Queues)
            await channel.QueueBindAsync(queue, RingOf(way), Weight, cancellationToken: cancellationToken);
    }
}
