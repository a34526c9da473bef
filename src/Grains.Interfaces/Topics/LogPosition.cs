namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>A position in the durable log of topic messages that belongs to an ingress partition.</summary>
/// <param name="Log">The log: the partition's name.</param>
/// <param name="Epoch">The epoch of the log's writer; another writer's is above it.</param>
/// <param name="Number">The number of a message; 0 is before the first. Numbers of a log rise without gaps, over all its writers.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.LogPosition")]
public readonly record struct LogPosition([property: Id(0)] string Log, [property: Id(1)] long Epoch, [property: Id(2)] long Number);
