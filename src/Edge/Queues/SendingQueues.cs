namespace NotifyOrleans.Edge.Queues;

/// <summary>
/// What a session's SENDs have made: queues that were declared, and queues that replies come to. As in the reference each is made once, and again when it has
/// gone. For the session's reader alone.
/// </summary>
internal sealed class SendingQueues
{
    /// <summary>Beyond that those that are not the session's own are forgotten, and declared again: declaring what is there changes nothing.</summary>
    private const int MaxDeclared = 1000;

    private HashSet<string>? _declared;
    private Dictionary<string, QueueFeed>? _held;
    private Dictionary<string, QueueFeed>? _replies;

    public bool IsDeclared(string queue) => _declared?.Contains(queue) == true || Find(_held, queue) is not null;

    public void SetDeclared(string queue)
    {
        if (_declared?.Count >= MaxDeclared)
            _declared.Clear();
        (_declared ??= []).Add(queue);
    }

    /// <summary>A queue that is the session's alone.</summary>
    public void SetHeld(QueueFeed feed) => Set(ref _held, feed.Queue, feed);

    /// <summary>The queue of <c>reply-to:/temp-queue/NAME</c>; null when there is none yet, or none any more.</summary>
    public string? FindReply(string name) => Find(_replies, name)?.Queue;

    public void SetReply(string name, QueueFeed feed) => Set(ref _replies, name, feed);

    /// <summary>Of those that have not ended a session has no more than it may have subscriptions.</summary>
    private static void Set(ref Dictionary<string, QueueFeed>? feeds, string name, QueueFeed feed)
    {
        feeds ??= [];
        if (feeds.Count >= MaxDeclared)
            feeds = feeds.Where(each => !each.Value.HasStopped).ToDictionary();
        feeds[name] = feed;
    }

    private static QueueFeed? Find(Dictionary<string, QueueFeed>? feeds, string name) =>
        feeds?.GetValueOrDefault(name) is { HasStopped: false } feed ? feed : null;
}
