namespace NotifyOrleans.Edge.Publishing;

/// <summary>How clients' SENDs are published: section <c>Publishing</c>.</summary>
public sealed class PublishingOptions
{
    public const string Section = "Publishing";

    /// <summary>
    /// How long a SEND waits for the broker's confirm, a broker that is away included. Default 30 s: a broker restarts in about 10 s.
    /// </summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Channels, one for each exchange that was published to lately. Default 64; a channel costs the broker some 20 KiB. One more closes the one that was
    /// idle for longest.
    /// </summary>
    public int MaxChannels { get; set; } = 64;

    /// <summary>Messages that may wait for their turn at one exchange before sessions are made to wait. Default 1,000.</summary>
    public int MaxWaiting { get; set; } = 1000;
}
