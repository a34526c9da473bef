namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>
/// Numbers for channels, rising within a silo and, as they start from the clock (microseconds since the Unix epoch), from one silo to the next:
/// between two channels of one queue lies at least a round trip to the broker.
/// </summary>
internal sealed class ChannelEpochs(TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _last;

    /// <summary>Another silo's: all that follow are above it.</summary>
    public void Observe(long epoch)
    {
        lock (_lock)
            _last = Math.Max(_last, epoch);
    }

    public long Next()
    {
        lock (_lock)
        {
            var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            return _last = Math.Max(_last + 1, now);
        }
    }
}
