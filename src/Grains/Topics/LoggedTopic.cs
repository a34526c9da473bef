using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Topics;

/// <summary>A topic message that the silo has handed on.</summary>
/// <param name="At">When it was, unix time in milliseconds.</param>
/// <param name="Number">Its number; numbers have no gaps.</param>
/// <param name="Partition">The partition that it came by.</param>
/// <param name="Exchange">The source exchange.</param>
/// <param name="RoutingKey">Its key.</param>
internal sealed record LoggedTopic(long At, long Number, string Partition, string Exchange, string RoutingKey)
{
    /// <summary>The message; null when there was no room for it any more.</summary>
    public TopicPush? Push { get; set; }
}
