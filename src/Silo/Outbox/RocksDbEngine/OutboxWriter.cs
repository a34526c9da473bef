using System.Diagnostics;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>
/// The one thread that writes: takes all work that waits, writes it as one batch with one sync, tells the callers. While one batch is being written the next
/// gathers, so a busy disk makes batches larger and not callers slower.
/// </summary>
internal sealed class OutboxWriter : IDisposable
{
    /// <summary>A group ends behind the change that reaches it, so that the callers at its front do not wait for a batch without end.</summary>
    private const long MaxGroupBytes = 4 << 20;

    /// <summary>How often a database that cannot be written is opened anew.</summary>
    private static readonly TimeSpan RecoveryInterval = TimeSpan.FromSeconds(1);

    private readonly OutboxDatabase _database;
    private readonly OutboxMetrics _metrics;
    private readonly Thread _thread;
    private readonly KnownEpochs _epochs = new();
    private readonly object _gate = new();
    private Queue<OutboxWork> _waiting = new();
    private Queue<OutboxWork> _taken = new();
    private bool _stopping;
    private long _lastRecovery;

    public OutboxWriter(OutboxDatabase database, OutboxMetrics metrics)
    {
        _database = database;
        _metrics = metrics;
        _thread = new Thread(Run) { IsBackground = true, Name = "Outbox writer" };
        _thread.Start();
    }

    public void Enqueue(OutboxWork work)
    {
        lock (_gate)
        {
            if (!_stopping)
            {
                _waiting.Enqueue(work);
                Monitor.Pulse(_gate);
                return;
            }
        }
        work.Fail(new OutboxUnavailableException("The outbox is closed."));
    }

    /// <summary>Changes records that are kept beside the outbox.</summary>
    /// <returns>The answer of <paramref name="change"/>, when it is written.</returns>
    /// <exception cref="OutboxUnavailableException">Nothing was written, or it was and repeating it does no harm.</exception>
    public Task<T> ChangeAsync<T>(Func<CommitGroup, T> change)
    {
        var work = new RecordChange<T>(change);
        Enqueue(work);
        return work.Task;
    }

    /// <summary>Writes what waits, and ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
    }

    private void Run()
    {
        while (Take())
        {
            Recover();
            while (_taken.Count > 0)
                WriteGroup();
        }
    }

    private void Recover()
    {
        if (_database.Health.Writable || Stopwatch.GetElapsedTime(_lastRecovery) < RecoveryInterval)
            return;
        _database.TryRecover();
        _lastRecovery = Stopwatch.GetTimestamp();
    }

    /// <summary>Waits for work, or while the database cannot be written for the time to try again; false when all is done.</summary>
    private bool Take()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_stopping)
            {
                if (_database.Health.Writable)
                    Monitor.Wait(_gate);
                else if (!Monitor.Wait(_gate, RecoveryInterval))
                    return true;
            }
            (_waiting, _taken) = (_taken, _waiting);
            return _taken.Count > 0 || !_stopping;
        }
    }

    private void WriteGroup()
    {
        if (_database.Health is { Writable: false } health)
        {
            Fail([.. _taken], new OutboxUnavailableException(health.Reason!));
            _taken.Clear();
            return;
        }
        var members = new List<OutboxWork>(_taken.Count);
        using var group = new CommitGroup(_database, _epochs);
        while (group.Bytes < MaxGroupBytes && _taken.TryDequeue(out var work))
        {
            if (group.TryAdd(work))
                members.Add(work);
        }
        var started = Stopwatch.GetTimestamp();
        try
        {
            group.Write();
        }
        catch (OutboxUnavailableException fault)
        {
            Fail(members, fault);
            return;
        }
        _metrics.GroupWritten(members.Count, group.Appended, group.Deleted, Stopwatch.GetElapsedTime(started));
        foreach (var member in members)
            member.Complete();
    }

    private void Fail(List<OutboxWork> members, OutboxUnavailableException fault)
    {
        _metrics.WriteFailed(members.Count);
        // One exception each: they are thrown on as many threads.
        foreach (var member in members)
            member.Fail(new OutboxUnavailableException(fault.Message, fault));
    }
}
