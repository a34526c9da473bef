using System.Diagnostics.Metrics;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>Links and what comes over them: meter <c>NotifyOrleans.Edge.Links</c>.</summary>
internal sealed class LinkMetrics
{
    private readonly UpDownCounter<long> _links;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _registered;

    public LinkMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("NotifyOrleans.Edge.Links");
        _links = meter.CreateUpDownCounter<long>("notifyorleans.edge.links", "{link}", "Open links to silos.");
        _lost = meter.CreateCounter<long>("notifyorleans.edge.links.lost", "{link}", "Links that were given up, by reason.");
        _batches = meter.CreateCounter<long>("notifyorleans.edge.links.batches", "{batch}", "Batches from silos, by what was done with them.");
        _dropped = meter.CreateCounter<long>("notifyorleans.edge.links.dropped", "{message}", "Messages from silos that were not handed on, by reason.");
        _settled = meter.CreateCounter<long>("notifyorleans.edge.links.settled", "{message}", "Messages that silos were told the outcome of, by outcome.");
        _failures = meter.CreateCounter<long>("notifyorleans.edge.links.failures", "{call}", "Calls to silos that are tried again, by call.");
        _registered = meter.CreateCounter<long>(
            "notifyorleans.edge.links.registered",
            "{subscription}",
            "Subscriptions that were registered with a shard, anew or again."
        );
    }

    public void Opened() => _links.Add(1);

    public void Lost(string reason)
    {
        _links.Add(-1);
        _lost.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    public void Accepted() => _batches.Add(1, new KeyValuePair<string, object?>("answer", "accepted"));

    public void Refused() => _batches.Add(1, new KeyValuePair<string, object?>("answer", "unknown_link"));

    public void Dropped(string reason) => _dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Settled(Settlement[] settlements)
    {
        foreach (var outcome in settlements.CountBy(settlement => settlement.Outcome))
            _settled.Add(outcome.Value, new KeyValuePair<string, object?>("outcome", outcome.Key.ToString().ToLowerInvariant()));
    }

    public void SettlingFailed() => _failures.Add(1, new KeyValuePair<string, object?>("call", "settle"));

    public void RegisteringFailed() => _failures.Add(1, new KeyValuePair<string, object?>("call", "register"));

    public void Registered(int subscriptions) => _registered.Add(subscriptions);
}
