using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace NotifyOrleans.Torture.Ledgers;

/// <summary>The truth of a run: what was confirmed, what arrived, and which promises were broken.</summary>
public sealed class Ledger
{
    // A run that breaks a promise once often breaks it thousands of times: all are counted, the first ones kept.
    private const int KeptViolations = 1000;

    /// <summary>Users who get messages together, and follow one topic: enough that a message to them is written down before it is given to them.</summary>
    private const int CircleSize = 25;

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<Violation> _violations = new();
    private readonly int[] _counts = new int[Enum.GetValues<ViolationKind>().Length];
    private readonly MessageSequence[][] _own;
    private readonly MessageSequence[] _shared;
    private int _received;
    private int _confirmed;
    private int _owed;
    private int _flaggedRepeats;
    private int _repeatsOfDoubles;
    private long _arrivals;
    private long _dropped;

    /// <param name="users">How many users.</param>
    /// <param name="keysPerUser">Routing keys of each, and of each topic.</param>
    /// <param name="messages">Messages in all, about.</param>
    /// <param name="spare">How many more of each sequence there is room for, for checks at the end.</param>
    public Ledger(int users, int keysPerUser, int messages, int spare = 0)
    {
        var keys = Enumerable.Range(0, keysPerUser).ToArray();
        var circles = Enumerable.Range(0, users).Chunk(CircleSize).ToArray();
        MessagesPerSequence = messages / (keysPerUser * users + circles.Length * (1 + keysPerUser));
        var room = MessagesPerSequence + spare;
        Users =
        [
            .. Enumerable
                .Range(0, users)
                .Select(user => new RecipientLedger(
                    this,
                    $"u{user}",
                    $"/exchange/notifications/user.u{user}.#",
                    [.. keys.Select(key => $"u{user}-{key}"), $"many{user / CircleSize}"],
                    room
                )),
        ];
        Followers =
        [
            .. Enumerable
                .Range(0, users)
                .Select(user => new RecipientLedger(
                    this,
                    $"u{user}'s topic",
                    $"/exchange/notifications/topic.t{user / CircleSize}.#",
                    [.. keys.Select(key => $"t{user / CircleSize}-{key}")],
                    room
                )),
        ];
        _own = [.. keys.Select(key => Users.Select(user => new MessageSequence($"{user.Name}-{key}", $"user.{user.Name}.k{key}", [user], [])).ToArray())];
        _shared = [.. circles.SelectMany((circle, index) => SharedBy(circle, index, keys))];
    }

    /// <summary>The users, each with all of his devices.</summary>
    public IReadOnlyList<RecipientLedger> Users { get; }

    /// <summary>Durable subscriptions to topics: one of each user, in the order of users.</summary>
    public IReadOnlyList<RecipientLedger> Followers { get; }

    public IEnumerable<RecipientLedger> Recipients => Users.Concat(Followers);

    public int MessagesPerSequence { get; }

    public IEnumerable<MessageSequence> Sequences => _own.SelectMany(sequences => sequences).Concat(_shared);

    /// <summary>A sequence of each user that is for him alone.</summary>
    public IEnumerable<MessageSequence> OneOfEachUser => _own[0];

    /// <summary>Messages that the broker has confirmed.</summary>
    public int Confirmed => Volatile.Read(ref _confirmed);

    /// <summary>The same, each counted once for each of its recipients.</summary>
    public int Owed => Volatile.Read(ref _owed);

    /// <summary>Messages that arrived at a session of their recipient, each counted once for each recipient.</summary>
    public int Received => Volatile.Read(ref _received);

    /// <summary>MESSAGE frames in all.</summary>
    public long Arrivals => Interlocked.Read(ref _arrivals);

    /// <summary>Repeats that said so.</summary>
    public int FlaggedRepeats => Volatile.Read(ref _flaggedRepeats);

    /// <summary>Repeats that did not say so, of messages that had been published twice: nobody could know.</summary>
    public int RepeatsOfDoubles => Volatile.Read(ref _repeatsOfDoubles);

    /// <summary>Sum of <c>x-dropped</c>.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public IReadOnlyCollection<Violation> Violations => _violations;

    /// <summary>When messages arrived.</summary>
    public ArrivalTimes Times { get; } = new();

    public int Count(ViolationKind kind) => Volatile.Read(ref _counts[(int)kind]);

    public void CountConfirmed(MessageSequence sequence)
    {
        Interlocked.Increment(ref _confirmed);
        Interlocked.Add(ref _owed, sequence.Recipients.Count);
    }

    public TimeSpan Now => Stopwatch.GetElapsedTime(_started);

    /// <summary>The time of a time stamp, since the start of the run.</summary>
    public TimeSpan Elapsed(long timestamp) => Stopwatch.GetElapsedTime(_started, timestamp);

    internal void Arrived(string? dropped)
    {
        Interlocked.Increment(ref _arrivals);
        Times.Add(Now);
        if (dropped is not null)
            Interlocked.Add(ref _dropped, long.Parse(dropped, CultureInfo.InvariantCulture));
    }

    internal void ReceivedFirst() => Interlocked.Increment(ref _received);

    internal void Repeated(MessageId message, bool isFlagged, bool wasPublishedTwice, string details)
    {
        if (isFlagged)
            Interlocked.Increment(ref _flaggedRepeats);
        else if (wasPublishedTwice)
            Interlocked.Increment(ref _repeatsOfDoubles);
        else
            Violated(ViolationKind.UnflaggedRepeat, message, details);
    }

    internal void Violated(ViolationKind kind, MessageId message, string details)
    {
        Interlocked.Increment(ref _counts[(int)kind]);
        if (_violations.Count < KeptViolations)
            _violations.Enqueue(new Violation(kind, Now, message, details));
    }

    /// <summary>What a circle of users gets together: one sequence by their names, and those of their topic.</summary>
    private IEnumerable<MessageSequence> SharedBy(int[] circle, int index, int[] keys)
    {
        var members = circle.Select(user => Users[user]).ToArray();
        RecipientLedger[] followers = [.. circle.Select(user => Followers[user])];
        yield return new MessageSequence($"many{index}", $"many.{index}", members, [.. members.Select(member => member.Name)]);
        foreach (var key in keys)
            yield return new MessageSequence($"t{index}-{key}", $"topic.t{index}.k{key}", followers, []);
    }
}
