namespace NotifyOrleans.Grains.Events;

/// <summary>Messages wait for a user who has been away for long enough.</summary>
/// <param name="User">The user.</param>
/// <param name="Messages">How many wait.</param>
/// <param name="Bytes">Sum of their sizes.</param>
/// <param name="Dropped">How many more limits have dropped that he was not told of.</param>
/// <param name="Oldest">When the oldest of those that wait was stored.</param>
/// <param name="DueAt">When it was due, in milliseconds since the Unix epoch: with the user it names the event, also when it is told again.</param>
public readonly record struct UndeliveredEvent(string User, long Messages, long Bytes, long Dropped, DateTimeOffset Oldest, long DueAt);
