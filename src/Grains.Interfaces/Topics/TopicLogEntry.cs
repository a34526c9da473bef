using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <param name="At">When it was handed on, unix time in milliseconds.</param>
/// <param name="Push">The message; flagged when it may have been delivered before.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.TopicLogEntry")]
public sealed record TopicLogEntry([property: Id(0)] long At, [property: Id(1)] TopicPush Push);
