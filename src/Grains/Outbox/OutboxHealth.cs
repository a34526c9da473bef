namespace NotifyOrleans.Grains.Outbox;

/// <param name="Writable">Whether commits are expected to work.</param>
/// <param name="Reason">Why they are not; null when they are.</param>
public readonly record struct OutboxHealth(bool Writable, string? Reason);
