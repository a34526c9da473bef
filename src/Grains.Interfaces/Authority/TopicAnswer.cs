namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Exchange">Whether the user may write to the exchange, or read from it.</param>
/// <param name="Key">Whether he may write the routing key, or read every key that the pattern can match. Of no meaning for an exchange that is no topic
/// exchange.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.TopicAnswer")]
public readonly record struct TopicAnswer([property: Id(0)] bool Exchange, [property: Id(1)] bool Key);
