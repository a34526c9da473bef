namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>One lane of an edge: takes what a silo has for the edge's sessions. Calls are awaited; a few may be under way at once.</summary>
[Alias("NotifyOrleans.IDeliveryObserver")]
public interface IDeliveryObserver : IGrainObserver
{
    /// <summary>
    /// Hands over a batch. The answer says that the edge has it; that a message was written or acknowledged comes later, by <see cref="ILinkGrain.SettleAsync"/>.
    /// A batch that comes twice is answered and left alone.
    /// </summary>
    [Alias("Push")]
    Task<PushReply> PushAsync(PushBatch batch);
}
