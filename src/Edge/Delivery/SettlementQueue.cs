using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>Sends a link's settlements: what came together goes together, one call at a time, again until it is answered or the link is lost.</summary>
internal sealed class SettlementQueue(Link link, int batchSize, LinkMetrics metrics, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private List<Settlement> _waiting = [];
    private List<TaskCompletionSource> _awaited = [];
    private bool _running;

    public void Add(in Settlement settlement)
    {
        lock (_gate)
        {
            if (link.IsLost)
                return;
            _waiting.Add(settlement);
            if (_running)
                return;
            _running = true;
        }
        // Behind what the caller has yet to add: a batch of messages is settled by a few calls.
        ThreadPool.UnsafeQueueUserWorkItem(static queue => _ = queue.RunAsync(), this, preferLocal: true);
    }

    /// <summary>Completes when everything so far is answered, or the link is lost.</summary>
    public Task WhenSentAsync()
    {
        lock (_gate)
        {
            if (!_running || link.IsLost)
                return Task.CompletedTask;
            var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add(sent);
            return sent.Task;
        }
    }

    private async Task RunAsync()
    {
        while (TryTake(out var settlements, out var awaited))
        {
            for (var start = 0; start < settlements.Count && !link.IsLost; start += batchSize)
                await SendAsync([.. settlements.Skip(start).Take(batchSize)]);
            foreach (var sent in awaited)
                sent.SetResult();
        }
    }

    private async Task SendAsync(Settlement[] settlements)
    {
        while (!link.IsLost)
        {
            try
            {
                await link.Grain.SettleAsync(link.Number, settlements).WaitAsync(link.Lost);
                metrics.Settled(settlements);
                return;
            }
            catch (Exception exception) when (!link.IsLost)
            {
                logger.LogSettlingFailed(exception, link.Silo);
                metrics.SettlingFailed();
                await Task.Delay(RetryInterval, time);
            }
            catch (OperationCanceledException)
            {
                // What was not settled over this link is offered again over the next.
            }
        }
    }

    private bool TryTake(out List<Settlement> settlements, out List<TaskCompletionSource> awaited)
    {
        lock (_gate)
        {
            settlements = link.IsLost ? [] : _waiting;
            awaited = _awaited;
            (_waiting, _awaited) = ([], []);
            return _running = settlements.Count > 0 || awaited.Count > 0;
        }
    }
}
