using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture;

/// <summary>What a torture run is made of.</summary>
public sealed record TortureOptions
{
    /// <summary>All chance comes from it: the same seed and sizes make the same plan.</summary>
    public int Seed { get; init; } = 1;

    public int Users { get; init; } = 1000;

    /// <summary>Routing keys of each user; messages of one key are in order.</summary>
    public int KeysPerUser { get; init; } = 2;

    /// <summary>Confirmed messages in all.</summary>
    public int Messages { get; init; } = 100_000;

    /// <summary>Messages that are published in a second, while the broker confirms them.</summary>
    public int Rate { get; init; } = 250;

    /// <summary>How many faults the plan has.</summary>
    public int Faults { get; init; } = 60;

    /// <summary>How long everything may take to arrive and settle when the last fault is over.</summary>
    public TimeSpan SettleTimeout { get; init; } = TimeSpan.FromMinutes(3);

    public WorldOptions World { get; init; } = new();
}
