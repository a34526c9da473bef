namespace NotifyOrleans.Grains.Shards;

/// <summary>The <c>message-id</c>s that a mailbox was sent lately, with the number that each message got.</summary>
/// <param name="maxCount">How many are kept; the oldest goes first.</param>
/// <param name="period">How long each is kept. Times are <see cref="TimeProviderExtensions.Uptime"/>.</param>
internal sealed class RepeatWindow(int maxCount, TimeSpan period)
{
    // Oldest first.
    private readonly LinkedList<(string MessageId, long Number, TimeSpan At)> _order = new();
    private readonly Dictionary<string, LinkedListNode<(string MessageId, long Number, TimeSpan At)>> _nodes = [];

    public bool IsEmpty => _nodes.Count == 0;

    public bool TryGet(string messageId, out long number)
    {
        var isKnown = _nodes.TryGetValue(messageId, out var node);
        number = node?.Value.Number ?? 0;
        return isKnown;
    }

    /// <summary>A message was sent, or has been settled just now. An id that is known keeps its number and its time.</summary>
    /// <param name="messageId">Its id.</param>
    /// <param name="number">Its number, or 0 when it is not under way any more.</param>
    /// <param name="now">The time.</param>
    public void Add(string messageId, long number, TimeSpan now)
    {
        Trim(now);
        if (_nodes.ContainsKey(messageId))
            return;
        if (_nodes.Count >= maxCount)
            Remove(_order.First!.Value.MessageId);
        _nodes[messageId] = _order.AddLast((messageId, number, now));
    }

    /// <summary>Forgets what the outbox knows by itself, or what was not kept after all.</summary>
    public void Remove(string messageId)
    {
        if (_nodes.Remove(messageId, out var node))
            _order.Remove(node);
    }

    /// <summary>Forgets the message with this number, when it is the one that is known by the id.</summary>
    public void Remove(string messageId, long number)
    {
        if (TryGet(messageId, out var known) && known == number)
            Remove(messageId);
    }

    /// <summary>Forgets what is older than the time.</summary>
    public void Trim(TimeSpan now)
    {
        while (_order.First is { } oldest && now - oldest.Value.At > period)
            Remove(oldest.Value.MessageId);
    }
}
