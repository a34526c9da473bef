using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>
/// Sends a link's settlements: collected for a moment, unless somebody waits for one, as a call for each costs both ends as much as the delivery itself. One
/// call at a time, again until it is answered or the link is lost.
/// </summary>
/// <param name="silo">The silo, for the log.</param>
/// <param name="settle">The call.</param>
/// <param name="lost">Cancelled when the link is lost.</param>
/// <param name="options">Sizes and times.</param>
/// <param name="metrics">Counts settlements.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failed calls are told.</param>
internal sealed class SettlementQueue(
    string silo,
    Func<Settlement[], Task> settle,
    CancellationToken lost,
    LinksOptions options,
    LinkMetrics metrics,
    TimeProvider time,
    ILogger logger
)
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _hurried = new(0);
    private List<Settlement> _waiting = [];
    private List<TaskCompletionSource> _awaited = [];
    private bool _running;

    /// <param name="settlement">What became of a message.</param>
    /// <param name="isAwaited">Whether something waits for it, so that it goes at once, with all that was collected.</param>
    public void Add(in Settlement settlement, bool isAwaited)
    {
        lock (_gate)
        {
            if (lost.IsCancellationRequested)
                return;
            _waiting.Add(settlement);
            if (isAwaited)
                Hurry();
            if (_running)
                return;
            _running = true;
        }
        // Behind what the caller has yet to add: a batch of messages is settled by a few calls.
        ThreadPool.UnsafeQueueUserWorkItem(static queue => _ = queue.RunAsync(), this, preferLocal: true);
    }

    /// <summary>Completes when everything so far is answered, or the link is lost. It goes at once.</summary>
    public Task WhenSentAsync()
    {
        lock (_gate)
        {
            if (!_running || lost.IsCancellationRequested)
                return Task.CompletedTask;
            var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add(sent);
            Hurry();
            return sent.Task;
        }
    }

    private void Hurry()
    {
        if (_hurried.CurrentCount == 0)
            _hurried.Release();
    }

    private async Task RunAsync()
    {
        do
        {
            await _hurried.WaitAsync(options.SettleInterval);
            var (settlements, awaited) = Take();
            for (var start = 0; start < settlements.Count && !lost.IsCancellationRequested; start += options.SettleBatch)
                await SendAsync([.. settlements.Skip(start).Take(options.SettleBatch)]);
            foreach (var sent in awaited)
                sent.SetResult();
        } while (HasMore());
    }

    private async Task SendAsync(Settlement[] settlements)
    {
        try
        {
            await SiloCalls.UntilAnsweredAsync(() => settle(settlements), OnFailed, time, lost);
            metrics.Settled(settlements);
        }
        catch (OperationCanceledException)
        {
            // What was not settled over this link is offered again over the next.
        }
    }

    private void OnFailed(Exception exception)
    {
        logger.LogSettlingFailed(exception, silo);
        metrics.SettlingFailed();
    }

    private (List<Settlement> Settlements, List<TaskCompletionSource> Awaited) Take()
    {
        lock (_gate)
        {
            var taken = (lost.IsCancellationRequested ? [] : _waiting, _awaited);
            (_waiting, _awaited) = ([], []);
            // Whoever hurried behind the end of the wait has what he wanted.
            _hurried.Wait(0);
            return taken;
        }
    }

    private bool HasMore()
    {
        lock (_gate)
            return _running = _waiting.Count > 0 || _awaited.Count > 0;
    }
}
