namespace NotifyOrleans.Silo.Ingress;

/// <summary>What comes in from the broker, configuration section <c>Ingress</c>. All silos of a cluster have the same.</summary>
public sealed record IngressOptions
{
    public const string Section = "Ingress";

    /// <summary>
    /// The partition queues have numbers in a layout that is looked for by name; more would make that slow. 64 is 2 to 4 for each of 16 silos.
    /// </summary>
    public const int MaxPartitions = 64;

    /// <summary>Where notifications come from. Default: the topic exchange <c>notifications</c>; what of it, see <see cref="SourceDefaults"/>.</summary>
    public SourceOptions[] Sources { get; init; } = [];

    /// <summary>
    /// How many queues share the messages: what silos divide among them, and how much is taken at a time. 1 to 64, default 8: enough for two to four silos.
    /// Change it while no silo runs; what waits in the former queues is delivered first.
    /// </summary>
    public int Partitions { get; init; } = 8;

    /// <summary>
    /// Default <see cref="PartitionQueueType.Classic"/>: right for a single broker. Use <see cref="PartitionQueueType.Quorum"/> with a cluster.
    /// </summary>
    public PartitionQueueType QueueType { get; init; } = PartitionQueueType.Classic;

    /// <summary>
    /// A header whose value chooses the partition, in place of the routing key. Default none: messages are in order per routing key. With, say, the user's id
    /// in this header they are in order per user.
    /// </summary>
    public string? HashHeader { get; init; }

    /// <summary>
    /// How many messages of a partition may be on their way, see <c>RabbitMqStreamOptions.Prefetch</c>. Default 8,000 for all partitions together, and 1,000 at
    /// least for each: what is delivered waits up to half a second for its proof of receipt, and fewer partitions are to carry as much.
    /// </summary>
    public int? Prefetch { get; init; }

    /// <summary><see cref="Prefetch"/>, or what is to be had without it.</summary>
    internal int PrefetchOfPartition => Prefetch ?? Math.Max(1000, 8000 / Partitions);

    /// <summary>
    /// Body, headers and key of a message, in bytes; a larger one is a dead letter. Default 4 MiB, as clients may send (<c>Stomp:MaxFrameBytes</c>).
    /// </summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// How many users a message may name in <c>x-recipients</c>; one that names more is a dead letter. Default 10,000: what memory holds of it while it is
    /// given to them is a few megabytes. Their ids have to fit into one frame of AMQP as well (the broker's <c>frame_max</c>, 1 MiB as shipped).
    /// </summary>
    public int MaxRecipients { get; init; } = 10_000;
}
