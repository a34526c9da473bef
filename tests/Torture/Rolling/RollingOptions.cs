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

    /// <summary>
    /// The cap: sessions that are opened in any second. Edges are set to send away nine tenths of it (<c>Stomp:Drain:SessionsPerSecond</c>), since each client
    /// adds a random delay.
    /// </summary>
    public int ConnectsPerSecond { get; init; } = 1000;

    /// <summary>From SIGTERM to a node until every client has a session.</summary>
    public TimeSpan BackWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the two bounds above count. Not on a machine that others keep busy.</summary>
    public bool ChecksTimes { get; init; } = true;

    /// <summary>How long everything may take to arrive and settle at the end.</summary>
    public TimeSpan SettleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    public WorldOptions World { get; init; } = new();
}
