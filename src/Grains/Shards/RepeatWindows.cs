using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// The <c>message-id</c>s that mailboxes were sent lately, and the searches for repeats that are under way. What is stored is the outbox's to find. The ledger
/// calls it under its lock.
/// </summary>
/// <param name="options">How many are kept for a mailbox, and how long.</param>
internal sealed class RepeatWindows(MailboxOptions options)
{
    // Of mailboxes that were sent a message with a message-id lately: most were not, and there are many.
    private readonly Dictionary<string, RepeatWindow> _windows = [];

    // Those for batches that are not accepted yet.
    private readonly List<RepeatSearch> _searches = [];

    public void Begin(RepeatSearch search) => _searches.Add(search);

    public void End(RepeatSearch search) => _searches.Remove(search);

    /// <summary>Whether a mailbox was sent a message with this id lately.</summary>
    /// <param name="mailbox">Its key.</param>
    /// <param name="messageId">The id.</param>
    /// <param name="number">The message's, or 0 when it is not under way any more.</param>
    public bool Knows(string mailbox, string messageId, out long number)
    {
        number = 0;
        return _windows.TryGetValue(mailbox, out var window) && window.TryGet(messageId, out number);
    }

    /// <inheritdoc cref="RepeatWindow.Add"/>
    public void Add(string mailbox, string messageId, long number, TimeSpan now)
    {
        if (!_windows.TryGetValue(mailbox, out var window))
            _windows[mailbox] = window = new RepeatWindow(options.MaxRepeatIds, options.RepeatWindow);
        window.Add(messageId, number, now);
    }

    /// <summary>A message is stored: from here the outbox finds repeats by itself, but for those who have asked it before.</summary>
    public void OnStored(string mailbox, string messageId)
    {
        foreach (var search in _searches)
            search.Add(mailbox, messageId);
        if (!_windows.TryGetValue(mailbox, out var window))
            return;
        window.Remove(messageId);
        RemoveIfEmpty(mailbox, window);
    }

    /// <inheritdoc cref="RepeatWindow.Remove(string, long)"/>
    public void Remove(string mailbox, string messageId, long number)
    {
        if (!_windows.TryGetValue(mailbox, out var window))
            return;
        window.Remove(messageId, number);
        RemoveIfEmpty(mailbox, window);
    }

    /// <summary>Forgets what was sent too long ago.</summary>
    public void Trim(TimeSpan now)
    {
        foreach (var (mailbox, window) in _windows)
        {
            window.Trim(now);
            RemoveIfEmpty(mailbox, window);
        }
    }

    private void RemoveIfEmpty(string mailbox, RepeatWindow window)
    {
        if (window.IsEmpty)
            _windows.Remove(mailbox);
    }
}
