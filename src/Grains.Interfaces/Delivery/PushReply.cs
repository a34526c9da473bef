namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>What an edge says to a batch.</summary>
[GenerateSerializer, Alias("NotifyOrleans.PushReply")]
public enum PushReply
{
    /// <summary>The edge has it.</summary>
    Accepted,

    /// <summary>The edge does not know the link (any more): end it, the edge will open another.</summary>
    UnknownLink,
}
