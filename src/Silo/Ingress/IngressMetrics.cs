using System.Diagnostics.Metrics;
using NotifyOrleans.Silo.Ingress.Topology;

namespace NotifyOrleans.Silo.Ingress;

/// <summary>Figures of the ingress, meter <c>NotifyOrleans.Ingress</c>. Deliveries are counted by the streams and the dispatchers.</summary>
internal sealed class IngressMetrics
{
    public const string MeterName = "NotifyOrleans.Ingress";

    private readonly Counter<long> _deadLetters;

    public IngressMetrics(IMeterFactory meters, IngressState state)
    {
        var meter = meters.Create(MeterName);
        _deadLetters = meter.CreateCounter<long>(
            "notifyorleans.deliveries.dead_lettered",
            "{message}",
            "Messages that became dead letters, by reason: what could not be delivered, and what clients have rejected."
        );
        meter.CreateObservableGauge("notifyorleans.ingress.sources.missing", () => state.SourceFaults.Count, "{source}", "Sources that nothing comes from.");
    }

    public void DeadLetterPublished(string reason) => _deadLetters.Add(1, KeyValuePair.Create<string, object?>("reason", reason));
}
