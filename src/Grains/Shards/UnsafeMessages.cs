using System.Diagnostics.CodeAnalysis;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// The messages of a shard that are neither delivered nor stored, by their numbers, by the deliveries that brought them, and by age. The ledger calls it under
/// its lock.
/// </summary>
/// <param name="epoch">The epoch in which the numbers were given.</param>
internal sealed class UnsafeMessages(long epoch)
{
    private readonly Dictionary<long, UnsafeMessage> _byNumber = [];
    private readonly Dictionary<DeliveryRef, long> _byDelivery = [];
    private readonly Queue<long> _byAge = new();

    public int Count => _byNumber.Count;

    /// <summary>Persistent ones that nobody is storing, in the order of their places.</summary>
    public IEnumerable<UnsafeMessage> NotBeingStored =>
        _byNumber.Values.Where(message => !message.IsBeingStored && message.Message.Notification.Persistent).OrderBy(message => message.Message.Place);

    /// <summary>All, in the order of their places.</summary>
    public IEnumerable<UnsafeMessage> All => _byAge.Select(number => _byNumber.GetValueOrDefault(number)).OfType<UnsafeMessage>();

    public bool Contains(in DeliveryRef delivery) => _byDelivery.ContainsKey(delivery);

    public void Add(UnsafeMessage message)
    {
        var number = message.Message.Place.Number;
        _byNumber.Add(number, message);
        _byDelivery.Add(message.Deliveries[0], number);
        _byAge.Enqueue(number);
    }

    /// <summary>A repeat shares the fate of the first. False when the first is safe by now.</summary>
    public bool TryAddRepeat(long number, DeliveryRef delivery)
    {
        if (!_byNumber.TryGetValue(number, out var first))
            return false;
        // Nobody waits any more to hear of those that came by a closed channel of the queue.
        first.Deliveries.RemoveAll(former => former.Queue == delivery.Queue && former.ChannelEpoch < delivery.ChannelEpoch && _byDelivery.Remove(former));
        first.Deliveries.Add(delivery);
        _byDelivery.Add(delivery, number);
        return true;
    }

    public bool TryRemove(long number, [NotNullWhen(true)] out UnsafeMessage? message)
    {
        if (!_byNumber.Remove(number, out message))
            return false;
        foreach (var delivery in message.Deliveries)
            _byDelivery.Remove(delivery);
        return true;
    }

    /// <summary>Of rows to be stored, those that still have to be, and that nobody else is storing.</summary>
    public IReadOnlyList<StoredMessage> TakeForStoring(IReadOnlyList<StoredMessage> rows) =>
        [
            .. rows.Where(row =>
            {
                if (row.Place.Epoch != epoch)
                    return true;
                if (!_byNumber.TryGetValue(row.Place.Number, out var message) || message.IsBeingStored)
                    return false;
                return message.IsBeingStored = true;
            }),
        ];

    /// <summary>They were not stored.</summary>
    public void GiveBack(IReadOnlyList<StoredMessage> rows)
    {
        foreach (var row in rows)
        {
            if (row.Place.Epoch == epoch && _byNumber.TryGetValue(row.Place.Number, out var message))
                message.IsBeingStored = false;
        }
    }

    /// <summary>When the oldest was accepted; null when there is none.</summary>
    public TimeSpan? OldestAcceptedAt
    {
        get
        {
            while (_byAge.TryPeek(out var oldest))
            {
                if (_byNumber.TryGetValue(oldest, out var message))
                    return message.AcceptedAt;
                _byAge.Dequeue();
            }
            return null;
        }
    }

    /// <summary>Those that were accepted at or before the time; oldest first.</summary>
    public IReadOnlyList<UnsafeMessage> AcceptedBefore(TimeSpan limit)
    {
        if (OldestAcceptedAt is null)
            return [];
        return
        [
            .. _byAge
                .Select(number => _byNumber.GetValueOrDefault(number))
                .TakeWhile(message => message is null || message.AcceptedAt <= limit)
                .OfType<UnsafeMessage>(),
        ];
    }

    /// <summary>A mailbox's, in their order.</summary>
    public IReadOnlyList<MailboxMessage> Of(string mailbox) => [.. All.Where(message => message.Mailbox == mailbox).Select(message => message.Message)];
}
