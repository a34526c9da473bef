namespace NotifyOrleans.Grains.Shards;

/// <summary>Deliveries that went into several mailboxes of their user: one is safe when it is safe in each. The ledger calls it under its lock.</summary>
internal sealed class SharedDeliveries
{
    private readonly Dictionary<DeliveryRef, int> _open = [];

    /// <summary>Whether it is not safe yet in one of its mailboxes.</summary>
    public bool IsOpen(in DeliveryRef delivery) => _open.ContainsKey(delivery);

    public void Open(in DeliveryRef delivery, int mailboxes) => _open.Add(delivery, mailboxes);

    /// <summary>A queue is consumed on another channel: nobody waits any more for those that came by the ones before.</summary>
    public void Forget(string queue, long channelEpoch)
    {
        foreach (var delivery in _open.Keys.Where(delivery => delivery.Queue == queue && delivery.ChannelEpoch < channelEpoch).ToList())
            _open.Remove(delivery);
    }

    /// <summary>It is safe in one more mailbox.</summary>
    /// <returns>Whether that was the last, or the only one.</returns>
    public bool IsSafe(in DeliveryRef delivery)
    {
        if (!_open.TryGetValue(delivery, out var left))
            return true;
        if (left > 1)
        {
            _open[delivery] = left - 1;
            return false;
        }
        return _open.Remove(delivery);
    }
}
