using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Events;

/// <summary>
/// When an <see cref="UndeliveredEvent"/> is due: from the first row that waits, and anew when the user comes or goes, always a full time ahead. It stands in
/// the user's tally while rows wait for him, whether he is there or not, so that no silo has to survive for it; who is there when it is due is given a new
/// time.
/// </summary>
/// <param name="after">How long; null when nothing is to be told.</param>
/// <param name="time">The clock.</param>
internal sealed class NoticePlan(TimeSpan? after, TimeProvider time)
{
    /// <summary>Whether there is anything to be told.</summary>
    public bool IsActive => after is not null;

    /// <summary>A tally after its rows have changed.</summary>
    public MailboxTally Keep(MailboxTally tally) => tally.NoticeAt == 0 || tally.Messages == 0 || !IsActive ? Renew(tally) : tally;

    /// <summary>A tally whose user has come or gone.</summary>
    public MailboxTally Renew(MailboxTally tally) =>
        tally with
        {
            NoticeAt = tally.Messages == 0 || after is not { } wait ? 0 : (time.GetUtcNow() + wait).ToUnixTimeMilliseconds(),
        };
}
