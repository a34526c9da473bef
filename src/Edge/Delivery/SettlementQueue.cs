using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>Sends a link's settlements: what came together goes together, one call at a time, again until it is answered or the link is lost.</summary>
internal sealed class SettlementQueue(Link link, int batchSize, LinkMetrics metrics, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private List<Settlement> _waiting = [];
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

    private async Task RunAsync()
    {
        while (Take() is { Count: > 0 } settlements)
        {
            for (var start = 0; start < settlements.Count && !link.IsLost; start += batchSize)
                await SendAsync([.. settlements.Skip(start).Take(batchSize)]);
        }
    }

    private async Task SendAsync(Settlement[] settlements)
    {
        while (!link.IsLost)
        {
            try
            {
                await link.Grain.SettleAsync(link.Number, settlements);
                metrics.Settled(settlements);
                return;
            }
            catch (Exception exception)
            {
                logger.LogSettlingFailed(exception, link.Silo);
                metrics.SettlingFailed();
                await Task.Delay(RetryInterval, time);
            }
        }
    }

    private List<Settlement> Take()
    {
        lock (_gate)
        {
            var taken = link.IsLost ? [] : _waiting;
            _waiting = [];
            _running = taken.Count > 0;
            return taken;
        }
    }
}
