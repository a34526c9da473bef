using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Topics;

/// <summary>
/// The topic messages that this silo has handed on lately, each with its number: what sessions that were lost have still to get is read from here. Bounded in
/// age and bytes. Of messages that were too many the keys stay, so that whoever misses them can be told how many. Safe to call from any thread.
/// </summary>
internal sealed class TopicLog(DeliveryOptions options, TimeProvider time)
{
    // Messages whose keys are known; more are not counted one by one.
    private const int MaxEntries = 100_000;

    // One page: enough to make the call cheap, little enough that the edge holds few of them.
    private const int MaxPageMessages = 128;
    private const int MaxPageBytes = 256 * 1024;

    private readonly Lock _lock = new();
    private readonly List<LoggedTopic> _entries = [];
    private int _first;
    private int _firstWithBody;
    private long _bytes;
    private long _forgottenAt;

    /// <summary>The number of the newest message.</summary>
    public long Last { get; private set; }

    /// <summary>Gives a message its number.</summary>
    public TopicPush Append(string partition, bool redelivered, Notification notification, LogPosition? stored = null, long retained = 0)
    {
        lock (_lock)
        {
            var push = new TopicPush(redelivered, notification, ++Last, stored, retained);
            if (options.MaxTopicLogBytes == 0)
                return push;
            var now = time.GetUtcNow();
            _entries.Add(new LoggedTopic(now.ToUnixTimeMilliseconds(), Last, partition, notification.Exchange, notification.RoutingKey) { Push = push });
            _bytes += notification.Size;
            Trim((now - options.TopicLogTime).ToUnixTimeMilliseconds());
            return push;
        }
    }

    /// <summary>Messages up to this number are forgotten, with their keys.</summary>
    public long ForgottenUpTo
    {
        get
        {
            lock (_lock)
                return Last - (_entries.Count - _first);
        }
    }

    /// <summary>What a link has still to bring, in order.</summary>
    /// <param name="lanes">For each of its lanes the number up to which it has nothing to bring.</param>
    public IEnumerable<LoggedTopic> After(long[] lanes) =>
        EntriesAfter(lanes.Min(), out _, out _).Where(entry => entry.Number > lanes[EdgeLink.LaneOf(entry.Partition, lanes.Length)]);

    public TopicPage Read(TopicQuery query)
    {
        var pattern = TopicPattern.Parse(query.Interest.Pattern);
        var unsettled = query.Mark?.Unsettled.ToHashSet() ?? [];
        var since = (time.GetUtcNow() - query.Age).ToUnixTimeMilliseconds();
        var candidates = EntriesAfter(Math.Max(query.After, StartOf(query.Mark)), out var last, out var forgottenAt);
        List<TopicLogEntry> page = [];
        // More were forgotten than can be counted.
        var dropped = query.After == 0 && forgottenAt >= since ? 1L : 0;
        var bytes = 0;
        foreach (var entry in candidates)
        {
            if (page.Count >= MaxPageMessages || bytes >= MaxPageBytes)
                return new TopicPage([.. page], dropped, entry.Number - 1, IsEnd: false);
            if (entry.Exchange != query.Interest.Exchange || !IsMissed(entry) || !pattern.Matches(entry.RoutingKey))
                continue;
            if (entry.Push is not { } push)
            {
                dropped++;
                continue;
            }
            var isAttempted = unsettled.Contains(entry.Number) || entry.Number <= query.Mark?.Attempted;
            page.Add(new TopicLogEntry(entry.At, isAttempted ? push with { Redelivered = true } : push));
            bytes += push.Notification.Size;
        }
        return new TopicPage([.. page], dropped, last, IsEnd: true);

        bool IsMissed(LoggedTopic entry) =>
            query.Mark is { } mark
                ? mark.Lanes[EdgeLink.LaneOf(entry.Partition, mark.Lanes.Length)] < entry.Number || unsettled.Contains(entry.Number)
                : entry.At >= since;
    }

    /// <summary>Numbers up to here are of no interest, whatever their lane.</summary>
    private static long StartOf(TopicMark? mark)
    {
        if (mark is null)
            return 0;
        var start = mark.Lanes.Min();
        return mark.Unsettled.Length > 0 ? Math.Min(start, mark.Unsettled.Min() - 1) : start;
    }

    private List<LoggedTopic> EntriesAfter(long number, out long last, out long forgottenAt)
    {
        lock (_lock)
        {
            (last, forgottenAt) = (Last, _forgottenAt);
            // Numbers have no gaps.
            var count = (int)Math.Min(_entries.Count - _first, Last - number);
            return count <= 0 ? [] : _entries.GetRange(_entries.Count - count, count);
        }
    }

    private void Trim(long oldest)
    {
        for (; _firstWithBody < _entries.Count && _bytes > options.MaxTopicLogBytes; _firstWithBody++)
        {
            _bytes -= _entries[_firstWithBody].Push!.Notification.Size;
            _entries[_firstWithBody].Push = null;
        }
        for (; _first < _entries.Count && (_entries[_first].At < oldest || _entries.Count - _first > MaxEntries); _first++)
        {
            var entry = _entries[_first];
            if (entry.At >= oldest)
                _forgottenAt = entry.At;
            if (_firstWithBody <= _first)
            {
                _bytes -= entry.Push!.Notification.Size;
                _firstWithBody = _first + 1;
            }
            entry.Push = null;
        }
        // The list is shortened now and then, so that each entry is moved once at most.
        if (_first <= _entries.Count / 2)
            return;
        _entries.RemoveRange(0, _first);
        (_firstWithBody, _first) = (_firstWithBody - _first, 0);
    }
}
