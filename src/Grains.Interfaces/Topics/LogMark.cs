namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>A durable subscription's place in one log. Both numbers only rise.</summary>
/// <param name="Log">The log.</param>
/// <param name="Settled">Everything up to here is settled, or not for it.</param>
/// <param name="Offered">Everything up to here may have been delivered.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.LogMark")]
public readonly record struct LogMark([property: Id(0)] string Log, [property: Id(1)] long Settled, [property: Id(2)] long Offered);
