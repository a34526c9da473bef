namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>What a <see cref="QueuePush"/> says.</summary>
[GenerateSerializer, Alias("NotifyOrleans.QueuePushKind")]
public enum QueuePushKind
{
    /// <summary>A message.</summary>
    Message,

    /// <summary>The silo begins to consume. An edge that does not want it (any more) says so: its call may have been given up before it was answered.</summary>
    Begun,

    /// <summary>The broker has cancelled the consumer: the queue was deleted.</summary>
    Cancelled,

    /// <summary>The silo cannot go on, having lost the broker perhaps: the edge subscribes again.</summary>
    Interrupted,
}
