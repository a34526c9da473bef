using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Topics.Retained;

/// <summary>The retained messages of one exchange, by key and by age. Not thread-safe.</summary>
internal sealed class RetainedTable
{
    // One page: enough to make the call cheap, little enough that the edge holds few of them.
    private const int MaxPageMessages = 128;
    private const int MaxPageBytes = 256 * 1024;

    private readonly Dictionary<string, RetainedEntry> _byKey = [];
    private readonly SortedDictionary<long, RetainedEntry> _byVersion = [];
    private long _last;

    public int Count => _byKey.Count;

    /// <summary>Bytes of all.</summary>
    public long Bytes { get; private set; }

    /// <summary>All, the oldest first.</summary>
    public IEnumerable<RetainedEntry> Entries => _byVersion.Values;

    /// <summary>A version that is newer than all that there were: the time, so that it rises over restarts, too.</summary>
    public long NextVersion(DateTimeOffset now) => _last = Math.Max(_last + 1, (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    public RetainedEntry? Find(string routingKey) => _byKey.GetValueOrDefault(routingKey);

    public void Set(RetainedEntry entry)
    {
        Remove(entry.RoutingKey);
        _byKey.Add(entry.RoutingKey, entry);
        _byVersion.Add(entry.Message.Version, entry);
        Bytes += entry.Message.Notification.Size;
        _last = Math.Max(_last, entry.Message.Version);
    }

    public void Remove(string routingKey)
    {
        if (!_byKey.Remove(routingKey, out var former))
            return;
        _byVersion.Remove(former.Message.Version);
        Bytes -= former.Message.Notification.Size;
    }

    /// <param name="query">What is wanted.</param>
    /// <param name="now">Milliseconds since the Unix epoch.</param>
    public RetainedPage Read(RetainedQuery query, long now)
    {
        var pattern = TopicPattern.Parse(query.Pattern);
        var upTo = query.UpTo == 0 ? _last : query.UpTo;
        var page = new List<RetainedMessage>();
        var bytes = 0L;
        foreach (var entry in Candidates(pattern))
        {
            var (version, notification) = entry.Message;
            if (version <= query.After || version > upTo || entry.IsExpired(now) || !pattern.Matches(notification.RoutingKey))
                continue;
            if (page.Count >= MaxPageMessages || bytes >= MaxPageBytes)
                return new RetainedPage([.. page], upTo, IsEnd: false);
            page.Add(entry.Message);
            bytes += notification.Size;
        }
        return new RetainedPage([.. page], upTo, IsEnd: true);
    }

    /// <summary>Most patterns are a key.</summary>
    private IEnumerable<RetainedEntry> Candidates(TopicPattern pattern)
    {
        if (!pattern.IsLiteral)
            return _byVersion.Values;
        return Find(pattern.Text) is { } entry ? [entry] : [];
    }
}
