namespace NotifyOrleans.Grains.Shards;

/// <summary>The books of those mailboxes of a shard that somebody has needed lately. Used under a lock of its owner's.</summary>
internal sealed class MailboxBooks(TimeProvider time)
{
    // A tally that nobody needs is read again when somebody does.
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, MailboxBook> _books = [];

    /// <summary>The book of a mailbox, and a new one of which nothing is loaded when there is none.</summary>
    public MailboxBook Of(string mailbox)
    {
        if (!_books.TryGetValue(mailbox, out var book))
            _books[mailbox] = book = new MailboxBook();
        book.UsedAt = time.Uptime();
        return book;
    }

    /// <summary>Forgets those that nobody has needed for a while.</summary>
    /// <param name="isKept">Whether the book of a mailbox is to stay all the same.</param>
    public void Tidy(Predicate<string> isKept)
    {
        var limit = time.Uptime() - Kept;
        foreach (var (mailbox, book) in _books)
        {
            if (book.CommitsUnderWay == 0 && book.UsedAt < limit && !isKept(mailbox))
                _books.Remove(mailbox);
        }
    }
}
