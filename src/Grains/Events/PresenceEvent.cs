namespace NotifyOrleans.Grains.Events;

/// <summary>A user has come, or has gone and was not back in time.</summary>
/// <param name="User">The user.</param>
/// <param name="IsOnline">Whether he is there now.</param>
/// <param name="At">Since when.</param>
public readonly record struct PresenceEvent(string User, bool IsOnline, DateTimeOffset At);
