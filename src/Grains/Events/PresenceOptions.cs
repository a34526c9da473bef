namespace NotifyOrleans.Grains.Events;

/// <summary>Settings of <see cref="PresenceEvent"/>, section <c>Events:Presence</c>.</summary>
public sealed record PresenceOptions
{
    /// <summary>Whether it is told. Default false: each sign-in would be a message that nobody may want.</summary>
    public bool Enabled { get; init; }

    /// <summary>The topic exchange that it is told to; created where it is missing. Default <c>notify.presence</c>.</summary>
    public string Exchange { get; init; } = "notify.presence";
}
