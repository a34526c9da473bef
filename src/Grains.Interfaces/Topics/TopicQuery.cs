using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>Asks a silo's log for what a lost topic subscription has still to get.</summary>
/// <param name="Interest">What it was to.</param>
/// <param name="Mark">How far it had come; null when it has had nothing of this silo.</param>
/// <param name="Age">How long ago it was lost: without a mark, what is older is not its.</param>
/// <param name="After">Numbers up to here were answered already.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.TopicQuery")]
public sealed record TopicQuery(
    [property: Id(0)] TopicInterest Interest,
    [property: Id(1)] TopicMark? Mark,
    [property: Id(2)] TimeSpan Age,
    [property: Id(3)] long After
);
