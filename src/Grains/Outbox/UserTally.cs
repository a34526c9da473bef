namespace NotifyOrleans.Grains.Outbox;

/// <param name="User">Whose tally it is.</param>
/// <param name="Tally">Its new value.</param>
public readonly record struct UserTally(string User, MailboxTally Tally);
