namespace NotifyOrleans.Benchmarks.Queues;

/// <summary>A kind of queue that partitions could be made of.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Arguments">Of its declaration.</param>
/// <param name="ConsumerArguments">Of the consumer.</param>
internal sealed record PartitionKind(string Name, Dictionary<string, object?> Arguments, Dictionary<string, object?>? ConsumerArguments = null)
{
    public static readonly IReadOnlyList<PartitionKind> All =
    [
        new("classic", new() { ["x-queue-type"] = "classic" }),
        new("classic, version 2", new() { ["x-queue-type"] = "classic", ["x-queue-version"] = 2 }),
        new("quorum", new() { ["x-queue-type"] = "quorum" }),
        new("stream", new() { ["x-queue-type"] = "stream" }, new() { ["x-stream-offset"] = "first" }),
    ];
}
