namespace NotifyOrleans.Grains.Interfaces.Queues;

/// <summary>An argument of a queue or consumer: text or a whole number.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">Its value when that is text; else null.</param>
/// <param name="Number">Its value when that is a number.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.QueueArgument")]
public readonly record struct QueueArgument([property: Id(0)] string Name, [property: Id(1)] string? Text, [property: Id(2)] long Number);
