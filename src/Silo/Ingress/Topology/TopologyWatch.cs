using NotifyOrleans.Silo.Broker;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Silo.Ingress.Topology;

/// <summary>Looks after the topology while it is in use: a source that comes late, or a binding that somebody has deleted, brings no event.</summary>
internal sealed partial class TopologyWatch(
    IngressTopology topology,
    IngressState state,
    BrokerConnections connections,
    IQueueRecovery streams,
    TimeProvider time,
    ILogger<TopologyWatch> logger
) : BackgroundService
{
    /// <summary>Some 50 short requests each time, with 8 partitions.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>While something is missing somebody is likely to be mending it; each try is a line in the broker's log.</summary>
    private static readonly TimeSpan PeriodWithFaults = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? reported = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var connection = await connections.Topology.GetAsync(stoppingToken);
                await topology.EnsureAsync(connection, stoppingToken);
                if (topology.NeedsReassignment)
                    await streams.ReassignAsync();
                if (reported is not null)
                    LogRepaired();
                reported = null;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The loss of the connection is reported by the connection.
                var reason = BrokerFault.Describe(exception);
                if (connections.Topology.Fault is null && reason != reported)
                    LogFault(reported = reason);
            }
            var period = state.Fault is not null || state.SourceFaults.Count > 0 || topology.NeedsReassignment ? PeriodWithFaults : Period;
            await Task.Delay(period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
