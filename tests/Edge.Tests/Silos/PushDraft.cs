using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Silos;

/// <summary>A push before it is sent, for tests that want it otherwise than right.</summary>
public sealed class PushDraft
{
    public long Subscription { get; set; }

    public string User { get; set; } = "";

    public long ShardEpoch { get; set; }

    public Place Place { get; set; }

    public bool Redelivered { get; set; }

    public long Dropped { get; set; }

    public bool IsEnd { get; set; }
}
