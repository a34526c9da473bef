namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>How far a session has come with a durable subscription.</summary>
/// <param name="Subscription">The subscription's number.</param>
/// <param name="Session">The session.</param>
/// <param name="Marks">Logs in which it has come on.</param>
/// <param name="IsEnd">Whether the session gives the subscription up: nothing more is delivered by it.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.DurableProgress")]
public sealed record DurableProgress(
    [property: Id(0)] long Subscription,
    [property: Id(1)] string Session,
    [property: Id(2)] LogMark[] Marks,
    [property: Id(3)] bool IsEnd
);
