using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Edge.Topics;

/// <summary>A subscription that topic messages come to; <see cref="TopicTable"/> finds those whose pattern matches.</summary>
internal interface ITopicFeed
{
    TopicInterest Interest { get; }

    /// <summary>The pattern of <see cref="Interest"/>.</summary>
    TopicPattern Pattern { get; }

    /// <summary>Takes a message that matches.</summary>
    /// <param name="message">The message, shared with others.</param>
    /// <param name="silo">The silo that has pushed it.</param>
    /// <param name="push">What it said.</param>
    void Offer(OutgoingMessage message, SiloTopics silo, TopicPush push);
}
