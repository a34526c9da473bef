using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>
/// The one loop that writes: takes all work that waits, writes it as one transaction, tells the callers. While one group is being written the next gathers,
/// so a slow database makes groups larger and not callers slower.
/// </summary>
internal sealed class OutboxWriter : IAsyncDisposable
{
    /// <summary>A group ends behind the change that reaches it, so that the callers at its front do not wait for a transaction without end.</summary>
    private const long MaxGroupBytes = 4 << 20;

    /// <summary>How often a database that works is asked whether it still does: one that stands still is found even when nobody writes.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(2);

    /// <summary>How often one that does not work is tried again.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly OutboxDatabase _database;
    private readonly OutboxMetrics _metrics;
    private readonly Channel<OutboxWork> _waiting = Channel.CreateUnbounded<OutboxWork>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _running;
    private OutboxWork? _next;
    private long _checkedAt;
    private bool _checkNow = true;

    /// <summary>Number of the newest group. Above those of a store that was open before, so that a shard whose owner stayed the same takes it.</summary>
    private long _groups = DateTime.UtcNow.Ticks;

    public OutboxWriter(OutboxDatabase database, OutboxMetrics metrics)
    {
        _database = database;
        _metrics = metrics;
        _running = Task.Run(RunAsync);
    }

    public void Enqueue(OutboxWork work)
    {
        if (_database.Refuses)
            work.Fail(new OutboxUnavailableException(_database.Health.Reason!));
        else if (!_waiting.Writer.TryWrite(work))
            work.Fail(new OutboxUnavailableException("The outbox is closed."));
    }

    /// <summary>Writes what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _running;
    }

    private async Task RunAsync()
    {
        do
        {
            if (_checkNow || Stopwatch.GetElapsedTime(_checkedAt) >= Interval)
                await CheckAsync();
            if (_database.Health is { Writable: false } health)
                FailWaiting(health.Reason!);
            else
                await WriteGroupAsync();
        } while (_next is not null || await WaitAsync());
    }

    private TimeSpan Interval => _database.Health.Writable ? CheckInterval : RetryInterval;

    private async Task CheckAsync()
    {
        await _database.CheckAsync();
        _checkNow = false;
        _checkedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>Waits for work, or for the time to look after the database; false when all is done.</summary>
    private async Task<bool> WaitAsync()
    {
        if (_checkNow)
            return true;
        using var timer = new CancellationTokenSource(Interval);
        try
        {
            return await _waiting.Reader.WaitToReadAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private async Task WriteGroupAsync()
    {
        var group = new CommitGroup(++_groups);
        var members = new List<OutboxWork>();
        while (group.Bytes < MaxGroupBytes && TryTake(out var work))
        {
            if (!work.TryAddTo(group))
            {
                _next = work;
                break;
            }
            members.Add(work);
        }
        if (members.Count == 0)
            return;
        var started = Stopwatch.GetTimestamp();
        GroupResult result;
        try
        {
            result = group.IsEmpty ? GroupResult.Empty : await _database.WriteAsync(group);
        }
        catch (OutboxUnavailableException fault)
        {
            // Perhaps it was only this connection, or this group.
            _checkNow = true;
            Fail(members, fault);
            return;
        }
        _metrics.GroupWritten(members.Count, group.Appended, group.Deleted, Stopwatch.GetElapsedTime(started));
        foreach (var member in members)
            member.Complete(result);
    }

    private bool TryTake([NotNullWhen(true)] out OutboxWork? work)
    {
        (work, _next) = (_next, null);
        return work is not null || _waiting.Reader.TryRead(out work);
    }

    private void FailWaiting(string reason)
    {
        var members = new List<OutboxWork>();
        while (TryTake(out var work))
            members.Add(work);
        if (members.Count > 0)
            Fail(members, new OutboxUnavailableException(reason));
    }

    private void Fail(List<OutboxWork> members, OutboxUnavailableException fault)
    {
        _metrics.WriteFailed(members.Count);
        // One exception each: they are thrown on as many threads.
        foreach (var member in members)
            member.Fail(new OutboxUnavailableException(fault.Message, fault));
    }
}
