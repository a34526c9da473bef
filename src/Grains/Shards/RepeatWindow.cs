namespace NotifyOrleans.Grains.Shards;

/// <summary>The <c>message-id</c>s that a user was sent lately, with the number that each message got.</summary>
/// <param name="maxCount">How many are kept; the oldest goes first.</param>
/// <param name="period">How long each is kept.</param>
internal sealed class RepeatWindow(int maxCount, TimeSpan period)
{
    private readonly Dictionary<string, long> _numbers = [];
    private readonly Queue<(string MessageId, DateTimeOffset At)> _order = new();

    public bool IsEmpty => _numbers.Count == 0;

    public bool TryGet(string messageId, out long number) => _numbers.TryGetValue(messageId, out number);

    public void Add(string messageId, long number, DateTimeOffset now)
    {
        Trim(now);
        if (_numbers.TryAdd(messageId, number))
            _order.Enqueue((messageId, now));
    }

    /// <summary>Forgets what the outbox knows by itself, or what was not kept after all.</summary>
    public void Remove(string messageId) => _numbers.Remove(messageId);

    public void Trim(DateTimeOffset now)
    {
        while (_order.TryPeek(out var oldest) && (_order.Count >= maxCount || now - oldest.At > period))
        {
            _order.Dequeue();
            _numbers.Remove(oldest.MessageId);
        }
    }
}
