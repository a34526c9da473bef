namespace NotifyOrleans.Silo.Events;

/// <summary>What others read of a presence event. See docs/protocol/events.md.</summary>
internal sealed record PresenceBody(string User, string State, DateTime At);
