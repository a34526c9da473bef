using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Topics.Retained;

/// <inheritdoc cref="IRetainedGrain"/>
/// <remarks>All is in memory; what is persistent is on disk too, and read from there at the start. What is transient lives as long as the activation.</remarks>
[Reentrant, GrainType("retained")]
internal sealed class RetainedGrain(IRetainedStore store, IOptions<RetainedOptions> options, RetainedMetrics metrics, TimeProvider time) : Grain, IRetainedGrain
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly RetainedTable _table = new();
    private readonly SemaphoreSlim _writing = new(1);

    private string Exchange => this.GetPrimaryKeyString();

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var message in await store.ReadAsync(Exchange, cancellationToken))
            _table.Set(new RetainedEntry(message, IsStored: true));
        this.RegisterGrainTimer(SweepAsync, new GrainTimerCreationOptions(SweepInterval, SweepInterval) { Interleave = true });
        DelayDeactivation(Timeout.InfiniteTimeSpan);
    }

    public async Task<long[]> SetAsync(Notification[] messages)
    {
        await _writing.WaitAsync();
        try
        {
            RetainedMessage[] versions = [.. messages.Select(message => new RetainedMessage(_table.NextVersion(time.GetUtcNow()), message))];
            await ApplyAsync([.. versions.GroupBy(message => message.Notification.RoutingKey).Select(group => group.Last())]);
            await EvictAsync();
            metrics.Set(messages.Length);
            return [.. versions.Select(message => message.Version)];
        }
        finally
        {
            _writing.Release();
        }
    }

    public Task<RetainedPage> ReadAsync(RetainedQuery query)
    {
        var page = _table.Read(query, Now);
        metrics.Read(page.Messages.Length);
        return Task.FromResult(page);
    }

    /// <summary>On disk first: what a reader was given is not lost.</summary>
    private async Task ApplyAsync(RetainedMessage[] messages)
    {
        RetainedMessage[] stored = [.. messages.Where(message => !IsClear(message) && message.Notification.Persistent)];
        await SaveAsync(stored, messages.Except(stored).Select(message => (message.Notification.RoutingKey, message.Version)));
        foreach (var message in messages)
        {
            if (IsClear(message))
                _table.Remove(message.Notification.RoutingKey);
            else
                _table.Set(new RetainedEntry(message, message.Notification.Persistent));
        }
    }

    private async Task EvictAsync()
    {
        var (count, bytes) = (_table.Count, _table.Bytes);
        var evicted = _table
            .Entries.TakeWhile(entry =>
            {
                var isTooMuch = count > options.Value.MaxMessages || bytes > options.Value.MaxBytes;
                (count, bytes) = (count - 1, bytes - entry.Message.Notification.Size);
                return isTooMuch;
            })
            .ToList();
        await RemoveAsync(evicted);
        metrics.Evicted(evicted.Count);
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var now = Now;
            await RemoveAsync([.. _table.Entries.Where(entry => entry.IsExpired(now))]);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task RemoveAsync(List<RetainedEntry> entries)
    {
        await SaveAsync([], entries.Select(entry => (entry.RoutingKey, entry.Message.Version)));
        entries.ForEach(entry => _table.Remove(entry.RoutingKey));
    }

    /// <summary>What is only in memory is no matter for the disk, unless it takes the place of what is there.</summary>
    private async Task SaveAsync(RetainedMessage[] set, IEnumerable<(string RoutingKey, long Version)> gone)
    {
        (string, long)[] cleared = [.. gone.Where(key => _table.Find(key.RoutingKey) is { IsStored: true })];
        if (set.Length + cleared.Length > 0)
            await store.SaveAsync(Exchange, set, cleared);
    }

    private static bool IsClear(RetainedMessage message) => message.Notification.Body.Length == 0;
}
