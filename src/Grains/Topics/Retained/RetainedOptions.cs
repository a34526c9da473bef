namespace NotifyOrleans.Grains.Topics.Retained;

/// <summary>How much is retained. Section <c>Topics:Retained</c>.</summary>
public sealed class RetainedOptions
{
    public const string Section = "Topics:Retained";

    /// <summary>
    /// Routing keys of an exchange that have a retained message; when there are more the one that was set first goes. Default 10,000: all are in one silo's
    /// memory, and a reader looks at all of them.
    /// </summary>
    public int MaxMessages { get; set; } = 10_000;

    /// <summary>Bytes of an exchange's retained messages; the oldest go first. Default 64 MiB.</summary>
    public long MaxBytes { get; set; } = 64L << 20;
}
