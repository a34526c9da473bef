namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>A part of what the logs have for a durable topic subscription.</summary>
/// <param name="Entries">The messages, in order; perhaps none, though there are more.</param>
/// <param name="Dropped">How many limits have taken away before it had them.</param>
/// <param name="Positions">For each log up to where it is answered, and the epoch that the log had then.</param>
/// <param name="IsEnd">Whether this was everything.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.DurablePage")]
public sealed record DurablePage(
    [property: Id(0)] DurableEntry[] Entries,
    [property: Id(1)] long Dropped,
    [property: Id(2)] LogPosition[] Positions,
    [property: Id(3)] bool IsEnd
);
