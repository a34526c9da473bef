namespace NotifyOrleans.Grains.Outbox;

/// <summary>Sums over a user's rows, kept beside them.</summary>
/// <param name="Messages">How many rows there are.</param>
/// <param name="Bytes">Sum of the messages' sizes.</param>
/// <param name="Dropped">How many messages limits have dropped that the user was not told of yet.</param>
public readonly record struct MailboxTally(long Messages, long Bytes, long Dropped);
