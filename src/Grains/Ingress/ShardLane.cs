namespace NotifyOrleans.Grains.Ingress;

/// <summary>
/// What a dispatcher has for one shard, in the queue's order: first what the shard has accepted and not settled, then what waits. One call is under way at a
/// time, since calls to a grain that is not yet active overtake each other.
/// </summary>
internal sealed class ShardLane(int shard)
{
    // One call: larger ones only make the first message wait for the last.
    private const int MaxOffers = 256;
    private const int MaxBytes = 512 * 1024;

    private readonly LinkedList<LaneEntry> _entries = new();
    private LinkedListNode<LaneEntry>? _firstWaiting;

    public int Shard { get; } = shard;

    /// <summary>The shard's epoch, as its last answer said.</summary>
    public long Epoch { get; set; }

    /// <summary>Whether a call is under way.</summary>
    public bool IsSending { get; set; }

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Whether there is something to offer.</summary>
    public bool HasWaiting => _firstWaiting is not null;

    /// <summary>The epoch to demand: another owner must not take what waits before it has what the former one had accepted.</summary>
    public long ExpectedEpoch => _entries.First is { Value.AcceptedAt: not null } ? Epoch : 0;

    /// <summary>Since when the oldest accepted entry has been waiting for its settlement; null when there is none.</summary>
    public TimeSpan? OldestAccepted => _entries.First?.Value.AcceptedAt;

    /// <summary>Whose deliveries have been waiting for their settlement since before the time.</summary>
    public string[] UsersAcceptedBefore(TimeSpan limit) =>
        [.. _entries.TakeWhile(entry => entry.AcceptedAt <= limit).Select(entry => entry.Offer.User).Distinct()];

    public LinkedListNode<LaneEntry> Add(LaneEntry entry)
    {
        var node = _entries.AddLast(entry);
        _firstWaiting ??= node;
        return node;
    }

    public void Remove(LinkedListNode<LaneEntry> node)
    {
        if (node.List != _entries)
            return;
        if (node == _firstWaiting)
            _firstWaiting = node.Next;
        _entries.Remove(node);
    }

    /// <summary>What to offer next; empty when nothing waits.</summary>
    public List<LinkedListNode<LaneEntry>> Next()
    {
        List<LinkedListNode<LaneEntry>> batch = [];
        var bytes = 0;
        for (var node = _firstWaiting; node is not null && batch.Count < MaxOffers && bytes < MaxBytes; node = node.Next)
        {
            batch.Add(node);
            bytes += node.Value.Offer.Notification.Size;
        }
        return batch;
    }

    public void Accept(List<LinkedListNode<LaneEntry>> batch, TimeSpan now)
    {
        foreach (var node in batch)
        {
            // Its settlement may have been faster than the answer.
            if (node.List != _entries)
                continue;
            node.Value.Accept(now);
            if (node == _firstWaiting)
                _firstWaiting = node.Next;
        }
    }

    /// <summary>Everything is to be offered again, in order.</summary>
    /// <returns>How many had been accepted.</returns>
    public int Rewind()
    {
        var accepted = 0;
        for (var node = _entries.First; node is not null && node != _firstWaiting; node = node.Next)
        {
            node.Value.Rewind();
            accepted++;
        }
        _firstWaiting = _entries.First;
        return accepted;
    }

    /// <summary>The call failed: the shard may have taken the batch or not.</summary>
    public static void MarkAttempted(List<LinkedListNode<LaneEntry>> batch)
    {
        foreach (var node in batch)
            node.Value.Rewind();
    }
}
