namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>A part of what a silo's log has for a subscription.</summary>
/// <param name="Entries">The messages, in order.</param>
/// <param name="Dropped">How many were too old or too many for the log; they would have been before or among the entries.</param>
/// <param name="Last">Numbers up to here are answered.</param>
/// <param name="IsEnd">Whether this was the newest of the log.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.TopicPage")]
public sealed record TopicPage(
    [property: Id(0)] TopicLogEntry[] Entries,
    [property: Id(1)] long Dropped,
    [property: Id(2)] long Last,
    [property: Id(3)] bool IsEnd
);
