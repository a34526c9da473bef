using NotifyOrleans.Streaming.RabbitMQ.Provider;
using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>
/// Deliveries between the channel, which pushes them, and the stream's reader, which pulls: it gets what is there at once, and else waits for the next one.
/// Prefetch bounds what is in it.
/// </summary>
internal sealed class DeliveryBuffer : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<DeliveryContainer> _deliveries = new();
    private readonly TimeSpan _maxWait;
    private readonly ITimer _timer;
    private TaskCompletionSource? _waiting;

    /// <param name="maxWait">How long a reader waits.</param>
    /// <param name="time">Clock of the wait.</param>
    public DeliveryBuffer(TimeSpan maxWait, TimeProvider time)
    {
        _maxWait = maxWait;
        _timer = time.CreateTimer(_ => Wake(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _deliveries.Count == 0;
        }
    }

    public void Add(DeliveryContainer delivery)
    {
        lock (_lock)
            _deliveries.Enqueue(delivery);
        Wake();
    }

    public void Clear()
    {
        lock (_lock)
            _deliveries.Clear();
    }

    /// <summary>Up to <paramref name="maxCount"/> deliveries; none when none came in time.</summary>
    public async Task<IList<IBatchContainer>> TakeAsync(int maxCount, CancellationToken cancellationToken)
    {
        Task waiting;
        lock (_lock)
        {
            if (_deliveries.Count > 0)
                return Take(maxCount);
            _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting = _waiting.Task;
        }
        _timer.Change(_maxWait, Timeout.InfiniteTimeSpan);
        using (cancellationToken.UnsafeRegister(static buffer => ((DeliveryBuffer)buffer!).Wake(), this))
            await waiting;
        lock (_lock)
            return Take(maxCount);
    }

    public void Dispose()
    {
        _timer.Dispose();
        Wake();
    }

    private IList<IBatchContainer> Take(int maxCount)
    {
        var batch = new IBatchContainer[Math.Min(maxCount, _deliveries.Count)];
        for (var i = 0; i < batch.Length; i++)
            batch[i] = _deliveries.Dequeue();
        return batch;
    }

    private void Wake()
    {
        TaskCompletionSource? waiting;
        lock (_lock)
            (waiting, _waiting) = (_waiting, null);
        waiting?.SetResult();
    }
}
