using System.Diagnostics.Metrics;

namespace NotifyOrleans.Grains.Events;

/// <summary>Counters of what other services are told, meter <c>NotifyOrleans.Events</c>.</summary>
public sealed class UserEventMetrics
{
    public const string MeterName = "NotifyOrleans.Events";

    private readonly Counter<long> _undelivered;
    private readonly Counter<long> _undeliveredFailed;
    private readonly Counter<long> _presence;
    private readonly Counter<long> _presenceDropped;

    public UserEventMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _undelivered = meter.CreateCounter<long>("notifyorleans.events.undelivered", "{event}", "Users of whom it was told that messages wait for them.");
        _undeliveredFailed = meter.CreateCounter<long>(
            "notifyorleans.events.undelivered.failed",
            "{event}",
            "Attempts to tell it that failed; they are made again."
        );
        _presence = meter.CreateCounter<long>("notifyorleans.events.presence", "{event}", "Users of whom it was told that they have come or gone.");
        _presenceDropped = meter.CreateCounter<long>(
            "notifyorleans.events.presence.dropped",
            "{event}",
            "Such events that were not told, because too many waited for the broker."
        );
    }

    public void UndeliveredTold() => _undelivered.Add(1);

    public void UndeliveredFailed() => _undeliveredFailed.Add(1);

    public void PresenceTold(int count) => _presence.Add(count);

    public void PresenceDropped(int count) => _presenceDropped.Add(count);
}
