namespace NotifyOrleans.Edge.Connections.Draining;

/// <summary>How an edge that ends sends its clients away: section <c>Stomp:Drain</c>.</summary>
public sealed class DrainOptions
{
    /// <summary>
    /// Sessions that are told each second, at most. Default 1,000: what the other edges let in, at about 0.5 ms of CPU for a sign-in and a SUBSCRIBE, while
    /// they go on delivering.
    /// </summary>
    public int SessionsPerSecond { get; set; } = 1000;

    /// <summary>
    /// After this the rest is told at once. Default 8 s: enough for 5,000 sessions on a busy machine, and below what supervisors wait. With more sessions, or a
    /// slower pace, raise it, and the supervisor's patience to 5 s more.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// Clients are asked to wait for a random time up to this before they connect again. Default 2 s: it blurs the steps of the pace, and edges that end
    /// together.
    /// </summary>
    public TimeSpan RetryJitter { get; set; } = TimeSpan.FromSeconds(2);
}
