using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>The consumer of one subscription to a broker queue, as the link sees it that serves it. Safe to call from any thread.</summary>
internal interface ILinkedConsumer
{
    /// <summary>The subscription's number at the edge.</summary>
    long Subscription { get; }

    /// <summary>Which of the edge's attempts to subscribe it was.</summary>
    long Registration { get; }

    /// <summary>What became of a message.</summary>
    void Settle(in Settlement settlement);

    /// <summary>Ends it: what was settled by now is, everything else goes back to the queue.</summary>
    void End();
}
