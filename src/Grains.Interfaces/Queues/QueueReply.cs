namespace NotifyOrleans.Grains.Interfaces.Queues;

/// <summary>What became of a request to a queue.</summary>
/// <param name="Silo">The silo that has answered, and pushes the messages.</param>
/// <param name="Link">The link that they are pushed over; 0 when there is none yet: the edge opens it and asks again.</param>
/// <param name="Refusal">What the broker has against it; null when nothing.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.QueueReply")]
public sealed record QueueReply([property: Id(0)] string Silo, [property: Id(1)] long Link, [property: Id(2)] QueueRefusal? Refusal);
