using System.Diagnostics;
using NotifyOrleans.Stomp;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.Torture.Ledgers;

/// <summary>What was published to one user, and what his sessions have received.</summary>
public sealed class UserLedger
{
    private readonly Lock _lock = new();
    private readonly Ledger _ledger;
    private readonly MessageRecord[][] _messages;
    private int _sessions;
    private int _subscribed;

    internal UserLedger(Ledger ledger, int user, int keys, int messagesPerKey)
    {
        _ledger = ledger;
        User = user;
        _messages = [.. Enumerable.Range(0, keys).Select(_ => new MessageRecord[messagesPerKey])];
    }

    public int User { get; }

    /// <summary>As the product knows him.</summary>
    public string Name => $"u{User}";

    /// <summary>A session is about to send SUBSCRIBE.</summary>
    public SessionLedger OpenSession(string device) =>
        new($"{Name}/{device}/{Interlocked.Increment(ref _sessions)}", _messages.Length, _messages[0].Length, Stopwatch.GetTimestamp());

    /// <summary>A session's subscription was receipted, or is over.</summary>
    public void CountSubscribed(int change) => Interlocked.Add(ref _subscribed, change);

    public void Published(MessageId message)
    {
        lock (_lock)
            _messages[message.Key][message.Number].Publishes++;
    }

    public void Confirmed(MessageId message)
    {
        lock (_lock)
        {
            ref var record = ref _messages[message.Key][message.Number];
            record.ConfirmedAt = Stopwatch.GetTimestamp();
            record.WasAwaited = Volatile.Read(ref _subscribed) > 0;
        }
    }

    /// <summary>A session received a MESSAGE.</summary>
    public void Received(SessionLedger session, StompFrame frame)
    {
        var isFlagged = frame[StompHeaderNames.Redelivered] == "true";
        var offset = Offset.Parse(frame[StompHeaderNames.Offset]!);
        var message = MessageId.Parse(StompClient.Text(frame));
        _ledger.Arrived(frame[StompHeaderNames.Dropped]);
        lock (_lock)
        {
            if (message.User != User || _messages[message.Key][message.Number].Publishes == 0)
            {
                _ledger.Violated(ViolationKind.Foreign, message, $"at {session.Name}");
                return;
            }
            ref var record = ref _messages[message.Key][message.Number];
            session.Note(message, offset, isFlagged, _ledger.Now);
            var isRepeat = record.ReceivedAt != 0 && record.ReceivedAt < session.SubscribedAt;
            if (session.TryAdd(message))
                CheckOrder(session, message, offset, isFlagged, isRepeat, record);
            else
                isRepeat = true;
            if (isRepeat)
                _ledger.Repeated(
                    message,
                    isFlagged,
                    record.Publishes > 1,
                    $"first at {_ledger.Elapsed(record.ReceivedAt).TotalSeconds:0.00}, now at {session.Name}, subscribed at {_ledger.Elapsed(session.SubscribedAt).TotalSeconds:0.00}: {session.History(message.Key)}"
                );
            if (record.ReceivedAt == 0)
            {
                record.ReceivedAt = Stopwatch.GetTimestamp();
                _ledger.ReceivedFirst();
            }
        }
    }

    /// <summary>Looks at every message, one after the other.</summary>
    public void ForEach(Action<MessageId, MessageRecord> look)
    {
        lock (_lock)
        {
            for (var key = 0; key < _messages.Length; key++)
            {
                for (var number = 0; number < _messages[key].Length; number++)
                    look(new MessageId(User, key, number), _messages[key][number]);
            }
        }
    }

    private void CheckOrder(SessionLedger session, MessageId message, Offset offset, bool isFlagged, bool isRepeat, in MessageRecord record)
    {
        var (ever, ofOwner) = session.Raise(message, offset.Epoch);
        // What the user had had, and the broker had not heard of when the shard's owner was lost, comes again by the next one: to a session, too, that began
        // between the two and has got the next one already.
        var highest = isRepeat && isFlagged ? ofOwner : ever;
        // The second copy of one that was published twice may lie anywhere in its queue.
        if (message.Number < highest && record.Publishes == 1)
        {
            var first = record.ReceivedAt == 0 ? "now" : $"at {_ledger.Elapsed(record.ReceivedAt).TotalSeconds:0.00}";
            _ledger.Violated(
                ViolationKind.OutOfOrder,
                message,
                $"after number {highest} at {session.Name}, subscribed at {_ledger.Elapsed(session.SubscribedAt).TotalSeconds:0.00}, received by the user first {first}: {session.History(message.Key)}"
            );
        }
        if (isFlagged)
            return;
        var newest = session.Raise(offset);
        if (offset.CompareTo(newest) <= 0)
            _ledger.Violated(ViolationKind.OffsetNotRising, message, $"{offset} after {newest} at {session.Name}");
    }
}
