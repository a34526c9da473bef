namespace NotifyOrleans.Grains.Outbox;

/// <param name="User">The key of the mailbox whose tally it is.</param>
/// <param name="Tally">Its new value.</param>
public readonly record struct UserTally(string User, MailboxTally Tally);
