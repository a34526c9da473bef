namespace NotifyOrleans.Grains.Users;

/// <summary>
/// How many of the messages that the outbox has dropped are being told, with messages that are in windows: none of them is told with another message, unless
/// such a one comes back.
/// </summary>
internal sealed class DropNotices
{
    private long _underWay;

    /// <summary>How many the next message is to tell of: from here on it does.</summary>
    /// <param name="dropped">How many the outbox has dropped that no client is known to have seen.</param>
    public long Take(long dropped)
    {
        var untold = Math.Max(0, dropped - _underWay);
        _underWay += untold;
        return untold;
    }

    /// <summary>A message that told of some has come back, and may not have been seen.</summary>
    public void Return(long told) => _underWay -= told;

    /// <summary>A client has seen what was told with a message.</summary>
    /// <param name="told">How many that were.</param>
    /// <param name="change">Gets what that means for the outbox.</param>
    public void Settle(long told, MailboxChange change)
    {
        _underWay -= told;
        change.Tell(told);
    }

    /// <summary>Nobody has such a message any more, nor is to be told.</summary>
    public void Clear() => _underWay = 0;
}
