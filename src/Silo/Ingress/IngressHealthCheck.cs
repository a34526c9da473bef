using Microsoft.Extensions.Diagnostics.HealthChecks;
using NotifyOrleans.Silo.Broker;
using NotifyOrleans.Silo.Ingress.Topology;
using NotifyOrleans.Streaming.RabbitMQ.Health;

namespace NotifyOrleans.Silo.Ingress;

/// <summary>Passes while messages come in from all sources, into all partitions that this silo has taken.</summary>
internal sealed class IngressHealthCheck(IngressState state, BrokerConnections connections, IStreamHealth streams) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var faults = new List<string>();
        // Without a connection everything else is a consequence.
        if (connections.Topology.Fault is { } fault)
        {
            faults.Add(fault);
        }
        else
        {
            if (state.Fault is not null)
                faults.Add(state.Fault);
            faults.AddRange(
                state.SourceFaults.OrderBy(source => source.Key, StringComparer.Ordinal).Select(source => $"nothing comes from {source.Key}: {source.Value}")
            );
            faults.AddRange(
                streams
                    .Queues.Where(queue => queue.State is QueueState.Waiting or QueueState.Stalled)
                    .Where(queue => queue.Detail != state.Fault)
                    .Select(queue => $"{queue.Queue}: {queue.Detail}")
            );
        }
        if (faults.Count > 0)
            return Task.FromResult(HealthCheckResult.Unhealthy(string.Join("; ", faults)));
        var remark = connections.DeadLetters.Blocked
            ?? state.Restriction
            ?? streams.Queues.FirstOrDefault(queue => queue.State == QueueState.Postponed)?.Detail;
        return Task.FromResult(remark is null ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(remark));
    }
}
