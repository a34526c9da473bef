using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>One lane: what silos push to. Orleans holds observers weakly, so the edge keeps them.</summary>
internal sealed class LaneObserver(LinkTable links, DeliveryRouter router, LinkMetrics metrics) : IDeliveryObserver
{
    public async Task<PushReply> PushAsync(PushBatch batch)
    {
        var link = await links.FindAsync(batch.Silo, batch.Link);
        if (link?.TryAccept(batch, router.Deliver) == true)
        {
            metrics.Accepted();
            return PushReply.Accepted;
        }
        // One whose batches do not fit together any more is given up at once.
        link?.Lose();
        metrics.Refused();
        return PushReply.UnknownLink;
    }
}
