namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>One lane of an edge: takes what a silo has for the edge's sessions. Calls are awaited; a few may be under way at once.</summary>
[Alias("NotifyOrleans.IDeliveryObserver")]
public interface IDeliveryObserver : IGrainObserver
{
    /// <summary>
    /// Hands over a batch. The answer says that the edge has it; that a message was written or acknowledged comes later, by
    /// <see cref="ILinkGrain.SettleAsync"/>. A batch that comes twice is answered and left alone.
    /// </summary>
    /// <remarks>
    /// The way to an edge can lead over the gateway of another silo. What that one takes with it when it dies is told to nobody, so it is missed soon: users
    /// get their next message within 5 s of a silo's death.
    /// </remarks>
    [Alias("Push"), ResponseTimeout("00:00:01")]
    Task<PushReply> PushAsync(PushBatch batch);
}
