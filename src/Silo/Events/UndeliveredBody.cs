namespace NotifyOrleans.Silo.Events;

/// <summary>What others read of an undelivered event. See docs/protocol/events.md.</summary>
internal sealed record UndeliveredBody(string User, long Messages, long Bytes, long Dropped, DateTime Oldest);
