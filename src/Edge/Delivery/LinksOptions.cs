namespace NotifyOrleans.Edge.Delivery;

/// <summary>The edge's links to the silos: section <c>Links</c>.</summary>
public sealed class LinksOptions
{
    public const string Section = "Links";

    /// <summary>Name of the edge in logs and metrics of the silos. Empty, the default: the machine's name. An incarnation is added at each start.</summary>
    public string EdgeName { get; set; } = "";

    /// <summary>
    /// Observers that each silo pushes to. Each takes one batch after another: with 4, one that has much to do holds up a quarter of the sessions only.
    /// </summary>
    public int Lanes { get; set; } = 4;

    /// <summary>Between the beats of a link, and between questions for new silos. Default 1 s: a loss is to be mended within 5 s.</summary>
    public TimeSpan BeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Without an answered beat for so long a link is given up, and its sessions are registered anew. Default 3 s, three beats.</summary>
    public TimeSpan BeatTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a batch may be missing before the link is given up. Default 2 s: the silo sends an unanswered batch again much sooner.</summary>
    public TimeSpan GapTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Batches of a lane that may overtake a missing one. Default 16: a silo has a few under way.</summary>
    public int MaxHeldBatches { get; set; } = 16;

    /// <summary>Subscriptions of a shard that are registered with one call. Default 500, some 50 KiB.</summary>
    public int RegisterBatch { get; set; } = 500;

    /// <summary>Settlements that a link sends with one call. Default 1,000, some 50 KiB.</summary>
    public int SettleBatch { get; set; } = 1000;

    /// <summary>
    /// How long settlements are collected before a call, when no subscription waits for one of them. Default 25 ms, as the silo collects its acknowledgements
    /// for the broker. After a crash what was collected comes again, flagged. Zero: each goes at once.
    /// </summary>
    public TimeSpan SettleInterval { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// How long a SUBSCRIBE or SEND waits for a silo while they change. Default 10 s: above what a failover takes, below what a client waits.
    /// </summary>
    public TimeSpan SubscribeTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
