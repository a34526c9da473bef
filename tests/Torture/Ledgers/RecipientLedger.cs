using System.Diagnostics;
using NotifyOrleans.Stomp;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.Torture.Ledgers;

/// <summary>
/// What was published to one recipient, and what its sessions have received. A recipient is a user, whichever of his devices has it first, or a durable
/// subscription, which has a state of its own, or a queue with all who share it.
/// </summary>
public sealed class RecipientLedger
{
    private readonly Lock _lock = new();
    private readonly Ledger _ledger;
    private readonly string[] _sequences;
    private readonly MessageRecord[][] _messages;
    private int _sessions;
    private int _subscribed;

    /// <param name="ledger">The whole.</param>
    /// <param name="name">Names it in reports; a user as the product knows him.</param>
    /// <param name="destination">What its sessions subscribe to.</param>
    /// <param name="sequences">Names of the sequences that are for it.</param>
    /// <param name="messages">Messages of each.</param>
    internal RecipientLedger(Ledger ledger, string name, string destination, string[] sequences, int messages)
    {
        _ledger = ledger;
        Name = name;
        Destination = destination;
        _sequences = sequences;
        _messages = [.. sequences.Select(_ => new MessageRecord[messages])];
    }

    public string Name { get; }

    public string Destination { get; }

    /// <summary>Whether its subscriptions outlive their sessions.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Whether each message is for one of its sessions: what one gives back comes to another, out of turn.</summary>
    public bool IsShared { get; init; }

    /// <summary>A session is about to send SUBSCRIBE.</summary>
    public SessionLedger OpenSession(string device) =>
        new($"{Name}/{device}/{Interlocked.Increment(ref _sessions)}", _messages.Length, _messages[0].Length, Stopwatch.GetTimestamp());

    /// <summary>A session received the RECEIPT of its SUBSCRIBE.</summary>
    public void Receipted(SessionLedger session)
    {
        lock (_lock)
            session.ReceiptedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>A session's subscription was receipted, or is over.</summary>
    public void CountSubscribed(int change) => Interlocked.Add(ref _subscribed, change);

    public void Published(MessageId message)
    {
        lock (_lock)
            RecordOf(message).Publishes++;
    }

    public void Confirmed(MessageId message)
    {
        lock (_lock)
        {
            ref var record = ref RecordOf(message);
            record.ConfirmedAt = Stopwatch.GetTimestamp();
            record.WasAwaited = Volatile.Read(ref _subscribed) > 0;
        }
    }

    /// <summary>A session received a MESSAGE.</summary>
    public void Received(SessionLedger session, StompFrame frame)
    {
        var isFlagged = frame[StompHeaderNames.Redelivered] == "true";
        Offset? offset = frame[StompHeaderNames.Offset] is { } text ? Offset.Parse(text) : null;
        var message = MessageId.Parse(StompClient.Text(frame));
        _ledger.Arrived(frame[StompHeaderNames.Dropped]);
        lock (_lock)
        {
            var sequence = Array.IndexOf(_sequences, message.Sequence);
            if (sequence < 0 || _messages[sequence][message.Number].Publishes == 0)
            {
                _ledger.Violated(ViolationKind.Foreign, message, $"at {session.Name}");
                return;
            }
            ref var record = ref _messages[sequence][message.Number];
            session.Note(sequence, message.Number, offset, isFlagged, _ledger.Now);
            var isRepeat = record.ReceivedAt != 0 && record.ReceivedAt < session.SubscribedAt;
            if (session.TryAdd(sequence, message.Number))
                CheckOrder(session, sequence, message, offset, isFlagged, record);
            else
                isRepeat = true;
            if (isRepeat)
                _ledger.Repeated(
                    message,
                    isFlagged,
                    record.Publishes > 1,
                    $"first at {_ledger.Elapsed(record.ReceivedAt).TotalSeconds:0.00}, now at {session.Name}, subscribed at {_ledger.Elapsed(session.SubscribedAt).TotalSeconds:0.00}: {session.History(sequence)}"
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
            for (var sequence = 0; sequence < _messages.Length; sequence++)
            {
                for (var number = 0; number < _messages[sequence].Length; number++)
                    look(new MessageId(_sequences[sequence], number), _messages[sequence][number]);
            }
        }
    }

    private ref MessageRecord RecordOf(MessageId message) => ref _messages[Array.IndexOf(_sequences, message.Sequence)][message.Number];

    private void CheckOrder(SessionLedger session, int sequence, MessageId message, Offset? offset, bool isFlagged, in MessageRecord record)
    {
        var (ever, ofOwner) = session.Raise(sequence, message.Number, offset?.Epoch);
        if (IsShared && isFlagged)
            return;
        // What the recipient had had, and the broker had not heard of when the owner of the shard or of the topic's log was lost, comes again by the next one:
        // to a session, too, that began between the two and has got the next one already.
        var highest = isFlagged && record.ReceivedAt != 0 && record.ReceivedAt < session.ReceiptedAt ? ofOwner : ever;
        // The second copy of one that was published twice may lie anywhere in its queue.
        if (message.Number < highest && record.Publishes == 1)
        {
            var first = record.ReceivedAt == 0 ? "now" : $"at {_ledger.Elapsed(record.ReceivedAt).TotalSeconds:0.00}";
            _ledger.Violated(
                ViolationKind.OutOfOrder,
                message,
                $"after number {highest} at {session.Name}, subscribed at {_ledger.Elapsed(session.SubscribedAt).TotalSeconds:0.00}, received first {first}: {session.History(sequence)}"
            );
        }
        if (isFlagged || offset is not { } risen)
            return;
        var newest = session.Raise(risen);
        if (risen.CompareTo(newest) <= 0)
            _ledger.Violated(ViolationKind.OffsetNotRising, message, $"{risen} after {newest} at {session.Name}");
    }
}
