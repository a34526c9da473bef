using System.Diagnostics.Metrics;

namespace NotifyOrleans.Grains.Shards;

/// <summary>Counters of the shards and their ledgers, meter <c>NotifyOrleans.Shards</c>.</summary>
internal sealed class ShardMetrics
{
    public const string MeterName = "NotifyOrleans.Shards";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _repeats;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _expired;
    private readonly UpDownCounter<long> _shards;

    public ShardMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _accepted = meter.CreateCounter<long>("notifyorleans.mailbox.accepted", "{message}", "Messages that were given a place in a user's mailbox.");
        _repeats = meter.CreateCounter<long>("notifyorleans.mailbox.repeats", "{message}", "Deliveries that repeated a message by its message-id.");
        _stored = meter.CreateCounter<long>("notifyorleans.outbox.stored", "{message}", "Messages that were written to the outbox.");
        _dropped = meter.CreateCounter<long>("notifyorleans.outbox.dropped", "{message}", "Messages that limits dropped from the outbox.");
        _expired = meter.CreateCounter<long>("notifyorleans.outbox.expired", "{message}", "Stored messages that the publisher's expiration ended.");
        _shards = meter.CreateUpDownCounter<long>("notifyorleans.shards.hosted", "{shard}", "Shards that this silo hosts.");
    }

    public void MessageAccepted() => _accepted.Add(1);

    public void RepeatFound() => _repeats.Add(1);

    public void MessagesStored(int count) => _stored.Add(count);

    public void MessagesDropped(int count) => _dropped.Add(count);

    public void MessagesExpired(int count) => _expired.Add(count);

    public void ShardTaken() => _shards.Add(1);

    public void ShardGivenUp() => _shards.Add(-1);
}
