namespace NotifyOrleans.Grains.Ingress;

/// <summary>Routes the deliveries of one partition queue; its key is the queue's name. It lives on the silo that consumes the queue.</summary>
[Alias("NotifyOrleans.IDispatcherGrain")]
internal interface IDispatcherGrain : IGrainWithStringKey
{
    /// <summary>The queue is consumed on a new channel: what is left in the log of messages to many users goes on. Repeating a call does no harm.</summary>
    [Alias("Begin")]
    Task BeginAsync(long channelEpoch);

    /// <summary>Shards say that deliveries are safe. Repeating a call does no harm.</summary>
    [Alias("Settled")]
    Task SettledAsync(SettledBatch batch);
}
