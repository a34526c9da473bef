namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>A silo's knowledge of durable topic subscriptions. It lives on the very silo that its key names.</summary>
[Alias("NotifyOrleans.ITopicWatchGrain")]
internal interface ITopicWatchGrain : IGrainWithStringKey
{
    /// <summary>Completes when the silo knows all subscriptions of this generation: what its partitions are given from then on is stored for them.</summary>
    [Alias("Refresh")]
    Task RefreshAsync(long generation);
}
