namespace NotifyOrleans.Grains.Outbox;

/// <summary>Sums over a mailbox's rows, kept beside them.</summary>
/// <param name="Messages">How many rows there are.</param>
/// <param name="Bytes">Sum of the messages' sizes.</param>
/// <param name="Dropped">How many messages limits have dropped that the user was not told of yet.</param>
/// <param name="NoticeAt">
/// When it is due to be told that messages wait, should the user be away then, in milliseconds since the Unix epoch; 0 when nothing is to be told,
/// <see cref="Told"/> when it was told during this absence.
/// </param>
public readonly record struct MailboxTally(long Messages, long Bytes, long Dropped, long NoticeAt = 0)
{
    /// <summary>See <see cref="NoticeAt"/>.</summary>
    public const long Told = -1;
}
