namespace NotifyOrleans.Benchmarks.Load;

/// <summary>Sizes of a whole-path run.</summary>
internal sealed record LoadOptions
{
    /// <summary>Users, each with one session at each of the systems.</summary>
    public int Sessions { get; init; } = 1000;

    /// <summary>Unicast messages in a repetition.</summary>
    public int Messages { get; init; } = 20_000;

    /// <summary>Repetitions, the systems in turn; the median counts.</summary>
    public int Repetitions { get; init; } = 3;

    /// <summary>Messages a second where latency is measured; 2,000 is what peers were measured at.</summary>
    public int Rate { get; init; } = 2000;

    public TimeSpan RateTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Messages that are published and not delivered, where as much as possible is measured: enough to keep every queue of the way busy.</summary>
    public int MaxInFlight { get; init; } = 2000;

    /// <summary>Messages for each user while all are away.</summary>
    public int StoredPerUser { get; init; } = 20;

    public int BodyBytes { get; init; } = 300;

    /// <summary>Sessions that are being opened at a time.</summary>
    public int Connecting { get; init; } = 64;

    /// <summary>Where the report goes; null prints it only.</summary>
    public string? Folder { get; init; }
}
