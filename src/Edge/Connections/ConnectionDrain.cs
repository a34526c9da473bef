namespace NotifyOrleans.Edge.Connections;

/// <summary>Ends the connections when the edge ends: before the links to the silos, which still take what was settled.</summary>
internal sealed class ConnectionDrain(ConnectionTable connections, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedService
{
    /// <summary>Clients that answer the goodbye do so within a round trip.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The server stops first and waits for its connections, so they are sent away as soon as it is known that the edge ends.
        lifetime.ApplicationStopping.Register(connections.ShutDown);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (connections.Count > 0 && time.GetElapsedTime(started) < Timeout && !cancellationToken.IsCancellationRequested)
            await Task.Delay(Interval, time, CancellationToken.None);
    }
}
