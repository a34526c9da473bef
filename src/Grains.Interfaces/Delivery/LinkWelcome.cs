using NotifyOrleans.Grains.Interfaces.Ingress;

namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <param name="Link">The link's number, never used again by the silo.</param>
/// <param name="Sources">The configured sources: which exchanges a subscription can be a mailbox or a topic feed of.</param>
/// <param name="Topics">The number of the silo's newest topic message when the link began to take them.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.LinkWelcome")]
public sealed record LinkWelcome([property: Id(0)] long Link, [property: Id(1)] SourceDescription[] Sources, [property: Id(2)] long Topics);
