using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>Reads one log for one subscription: what matches, in order. For one page.</summary>
/// <param name="store">Where the log is.</param>
/// <param name="log">The log, as it was when the page was begun: what comes later is not read.</param>
/// <param name="exchange">The source.</param>
/// <param name="pattern">What the subscription is to.</param>
/// <param name="oldest">What was stored before, in milliseconds since the Unix epoch, has outlived its time.</param>
internal sealed class TopicLogReader(ITopicLogStore store, TopicLogState log, string exchange, TopicPattern pattern, long oldest)
{
    // Enough to make the read cheap, little enough that what the page has no room for is few.
    private const int ReadMessages = 128;
    private const int ReadBytes = 256 * 1024;

    private readonly Queue<StoredTopic> _read = new();
    private long _readUpTo;

    /// <summary>What of it was looked at.</summary>
    public int Looked { get; private set; }

    /// <summary>Messages that limits have taken away.</summary>
    public long Dropped { get; private set; }

    /// <summary>The next message; null when there is none, or <see cref="FillAsync"/> has to be called.</summary>
    public StoredTopic? Next => _read.TryPeek(out var next) ? next : null;

    public bool IsAtEnd => _read.Count == 0 && _readUpTo >= log.Last;

    /// <summary>Up to where everything was taken.</summary>
    public LogPosition Position => new(log.Log, log.Epoch, Next is { } next ? next.Number - 1 : _readUpTo);

    /// <summary>Begins behind what the subscription has had.</summary>
    public TopicLogReader After(long number)
    {
        _readUpTo = number;
        // More are gone than can be counted.
        Dropped = number < log.GoneUpTo ? 1 : 0;
        return this;
    }

    public StoredTopic Take() => _read.Dequeue();

    /// <summary>Reads on.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        var messages = await store.ReadAsync(log.Log, _readUpTo, ReadMessages, ReadBytes, cancellationToken);
        foreach (var message in messages.TakeWhile(message => message.Number <= log.Last))
        {
            Looked++;
            _readUpTo = message.Number;
            if (message.Notification.Exchange != exchange || !pattern.Matches(message.Notification.RoutingKey))
                continue;
            if (message.IsCut || message.StoredAt < oldest)
                Dropped++;
            else
                _read.Enqueue(message);
        }
        if (messages.Count == 0 || messages[^1].Number >= log.Last)
            _readUpTo = Math.Max(_readUpTo, log.Last);
    }
}
