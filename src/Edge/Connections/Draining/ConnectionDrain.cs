using Microsoft.Extensions.Options;

namespace NotifyOrleans.Edge.Connections.Draining;

/// <summary>
/// Sends the clients away when the edge ends, at a pace that the other edges can take: while the server still listens (it answers that it is not ready, and
/// lets nobody in), and before the links to the silos end, which still take what was settled.
/// </summary>
internal sealed partial class ConnectionDrain(ConnectionTable connections, IOptions<StompOptions> options, TimeProvider time, ILogger<ConnectionDrain> logger)
    : IHostedLifecycleService
{
    /// <summary>The last ones have this long for their proof and the answer to the goodbye.</summary>
    private static readonly TimeSpan LastGoodbye = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var drain = options.Value.Drain;
        if (connections.Count > 0)
            LogBegins(connections.Count, drain.SessionsPerSecond);
        var pace = new DrainPace(drain.SessionsPerSecond, time);
        var started = time.GetTimestamp();
        var lastTold = started;
        while (connections.Count > 0 && time.GetElapsedTime(lastTold) < LastGoodbye && !cancellationToken.IsCancellationRequested)
        {
            // Those that were about to connect are found in a later round.
            var isLate = time.GetElapsedTime(started) >= drain.Timeout;
            var told = Tell(connections.Open.Where(connection => !connection.IsEnding), isLate ? int.MaxValue : pace.Take(), drain.RetryJitter);
            if (told > 0 && isLate)
                LogLate(told, drain.Timeout);
            if (told > 0 || connections.Open.Any(connection => !connection.IsEnding))
                lastTold = time.GetTimestamp();
            await Task.Delay(Step, time, CancellationToken.None);
        }
        foreach (var connection in connections.Open)
            connection.Abort();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static int Tell(IEnumerable<Connection> sessions, int most, TimeSpan jitter)
    {
        var count = 0;
        foreach (var connection in sessions.Take(most))
        {
            connection.ShutDown(jitter * Random.Shared.NextDouble());
            count++;
        }
        return count;
    }
}
