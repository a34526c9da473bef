namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <summary>One SUBSCRIBE of a session to its user's mailbox.</summary>
/// <param name="Id">Number of the subscription at its edge, never used again within the edge's life.</param>
/// <param name="User">The mailbox: the user whose session it is, or the <see cref="MailboxKey"/> of his durable subscription.</param>
/// <param name="Exchange">The source exchange that it takes from.</param>
/// <param name="Pattern">The topic pattern that messages are matched against.</param>
/// <param name="MaxMessages">How many messages may be offered and not settled (STOMP <c>prefetch-count</c>, or the edge's default); above 0.</param>
/// <param name="MaxBytes">How many bytes of messages may be offered and not settled; one message is always allowed.</param>
/// <param name="Lane">Which of the edge's observers it is served by.</param>
/// <param name="LastEpoch">The shard's epoch under which it was registered before; 0 when it is new.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.MailboxSubscription")]
public sealed record MailboxSubscription(
    [property: Id(0)] long Id,
    [property: Id(1)] string User,
    [property: Id(2)] string Exchange,
    [property: Id(3)] string Pattern,
    [property: Id(4)] int MaxMessages,
    [property: Id(5)] int MaxBytes,
    [property: Id(6)] int Lane,
    [property: Id(7)] long LastEpoch = 0
);
