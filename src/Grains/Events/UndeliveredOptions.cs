namespace NotifyOrleans.Grains.Events;

/// <summary>Settings of <see cref="UndeliveredEvent"/>, section <c>Events:Undelivered</c>.</summary>
public sealed record UndeliveredOptions
{
    /// <summary>How long messages wait for a user who is away until it is told, above 0, at most 365 days. Default null: it is never told.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>The topic exchange that it is told to; created where it is missing. Default <c>notify.undelivered</c>.</summary>
    public string Exchange { get; init; } = "notify.undelivered";
}
