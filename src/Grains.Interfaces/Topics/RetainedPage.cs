namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>Retained messages in the order in which they were set.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Last">The newest version when the first page was read.</param>
/// <param name="IsEnd">Whether there is no more up to <paramref name="Last"/>.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.RetainedPage")]
public sealed record RetainedPage([property: Id(0)] RetainedMessage[] Messages, [property: Id(1)] long Last, [property: Id(2)] bool IsEnd);
