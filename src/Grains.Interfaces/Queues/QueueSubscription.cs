namespace NotifyOrleans.Grains.Interfaces.Queues;

/// <summary>What a queue is told of a subscription to it.</summary>
/// <param name="Edge">The edge's name with its incarnation.</param>
/// <param name="Id">The subscription's number, never used again by that edge.</param>
/// <param name="Registration">Rises with each time that the edge subscribes it; what comes under an older one is not taken.</param>
/// <param name="Session">Whose it is: an exclusive queue is one session's.</param>
/// <param name="User">The session's user.</param>
/// <param name="Declaration">How the queue is declared; null when it has to be there.</param>
/// <param name="Binding">What the queue is bound to; null for nothing.</param>
/// <param name="Consumes">False when the session only holds the queue, without taking messages.</param>
/// <param name="Prefetch">Messages that may be on their way or wait for an ACK.</param>
/// <param name="MaxBytes">Bytes of messages that may be on their way; one message always may.</param>
/// <param name="Lane">The edge's lane.</param>
/// <param name="Arguments">The consumer's, such as <c>x-priority</c>.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.QueueSubscription")]
public sealed record QueueSubscription(
    [property: Id(0)] string Edge,
    [property: Id(1)] long Id,
    [property: Id(2)] long Registration,
    [property: Id(3)] string Session,
    [property: Id(4)] string User,
    [property: Id(5)] QueueDeclaration? Declaration,
    [property: Id(6)] QueueBinding? Binding,
    [property: Id(7)] bool Consumes,
    [property: Id(8)] int Prefetch,
    [property: Id(9)] int MaxBytes,
    [property: Id(10)] int Lane,
    [property: Id(11)] QueueArgument[] Arguments
);
