using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Rolling;

/// <summary>What a rolling restart is made of.</summary>
public sealed record RollingOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>Users, each with one device.</summary>
    public int Clients { get; init; } = 5000;

    /// <summary>Messages that are published in a second all the while.</summary>
    public int Rate { get; init; } = 200;

    /// <summary>The cap: <c>Stomp:Drain:SessionsPerSecond</c> of the edges.</summary>
    public int ConnectsPerSecond { get; init; } = 1000;

    /// <summary>From SIGTERM to a node until every client has a session.</summary>
    public TimeSpan BackWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long everything may take to arrive and settle at the end.</summary>
    public TimeSpan SettleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    public WorldOptions World { get; init; } = new();
}
