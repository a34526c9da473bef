using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>A topic subscription whose session was lost without a goodbye, and how far it had come.</summary>
/// <param name="User">Whose it was.</param>
/// <param name="Interest">What it was to.</param>
/// <param name="Marks">How far it had come at each silo; of others it has had nothing.</param>
/// <param name="Age">How long ago it was lost.</param>
/// <param name="Dropped">Messages that were dropped for it and that it has not been told of.</param>
/// <param name="LacksRetained">It has not got all retained messages.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.LostTopic")]
public sealed record LostTopic(
    [property: Id(0)] string User,
    [property: Id(1)] TopicInterest Interest,
    [property: Id(2)] TopicMark[] Marks,
    [property: Id(3)] TimeSpan Age,
    [property: Id(4)] long Dropped = 0,
    [property: Id(5)] bool LacksRetained = false
);
