using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>A delivery on its way to one recipient.</summary>
internal sealed class LaneEntry(Offer offer)
{
    public Offer Offer { get; private set; } = offer;

    /// <summary>When the shard accepted it (<see cref="TimeProviderExtensions.Uptime"/>); null while it waits.</summary>
    public TimeSpan? AcceptedAt { get; private set; }

    public void Accept(TimeSpan now) => AcceptedAt = now;

    /// <summary>It has to be offered again; whether it was delivered meanwhile is not known.</summary>
    public void Rewind()
    {
        AcceptedAt = null;
        if (!Offer.Redelivered)
            Offer = Offer with { Redelivered = true };
    }
}
