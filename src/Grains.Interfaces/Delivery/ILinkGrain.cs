using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>
/// A silo's end of its link to one edge. It lives on the very silo that its key names; see <see cref="LinkKey"/>.
/// </summary>
[Alias("NotifyOrleans.ILinkGrain")]
public interface ILinkGrain : IGrainWithStringKey
{
    /// <summary>Opens the link, or opens it anew: then everything that was under way on the former one is taken back.</summary>
    [Alias("Open")]
    Task<LinkWelcome> OpenAsync(LinkHello hello);

    /// <summary>
    /// Sent every second. False when the silo does not know the link: the edge opens a new one and registers its sessions again.
    /// </summary>
    [Alias("Beat")]
    Task<LinkBeat> BeatAsync(long link, long shardsVersion);

    /// <summary>What became of messages. Repeating a call does no harm.</summary>
    [Alias("Settle")]
    Task SettleAsync(long link, Settlement[] settlements);

    /// <summary>Subscriptions to broker queues that have ended: what they have not settled goes back to its queue. Repeating a call does no harm.</summary>
    [Alias("EndQueues")]
    Task EndQueuesAsync(long link, EndedQueue[] ended);

    /// <summary>The topic patterns that the edge has subscribers for: those that came and those that went since the last call.</summary>
    /// <returns>The number of the silo's newest topic message before the change; null when it does not know the link.</returns>
    [Alias("ChangeInterest")]
    Task<long?> ChangeInterestAsync(long link, TopicInterest[] added, TopicInterest[] removed);

    /// <summary>What the silo's log has for a topic subscription that was lost.</summary>
    [Alias("ReadTopics")]
    Task<TopicPage> ReadTopicsAsync(TopicQuery query);

    /// <summary>Ends the link when the edge leaves.</summary>
    [Alias("Close")]
    Task CloseAsync(long link);
}
