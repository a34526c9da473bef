using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace NotifyOrleans.Torture.Ledgers;

/// <summary>The truth of a run: what was confirmed, what arrived, and which promises were broken.</summary>
public sealed class Ledger
{
    // A run that breaks a promise once often breaks it thousands of times: all are counted, the first ones kept.
    private const int KeptViolations = 1000;

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<Violation> _violations = new();
    private readonly int[] _counts = new int[Enum.GetValues<ViolationKind>().Length];
    private int _received;
    private int _confirmed;
    private int _owed;
    private int _flaggedRepeats;
    private int _repeatsOfDoubles;
    private long _arrivals;
    private long _dropped;

    /// <inheritdoc cref="Ledgers.Audience(Ledger, int, int, int, int)"/>
    public Ledger(int users, int keysPerUser, int messages, int spare = 0) => Audience = new Audience(this, users, keysPerUser, messages, spare);

    public Audience Audience { get; }

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
}
