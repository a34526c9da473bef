namespace NotifyOrleans.Grains.Events;

/// <summary>What other services are told about users. Section <c>Events</c>; nothing by default.</summary>
public sealed record EventsOptions
{
    public const string Section = "Events";

    /// <summary>That messages wait for somebody who is away.</summary>
    public UndeliveredOptions Undelivered { get; init; } = new();

    /// <summary>Who comes and who goes.</summary>
    public PresenceOptions Presence { get; init; } = new();
}
