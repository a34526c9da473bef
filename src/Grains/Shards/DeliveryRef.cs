namespace NotifyOrleans.Grains.Shards;

/// <summary>Names one delivery for one of its recipients, in the whole cluster.</summary>
/// <param name="Origin">The silo that consumes the queue.</param>
/// <param name="Queue">The partition queue.</param>
/// <param name="ChannelEpoch">Within which channel the tag means something.</param>
/// <param name="Tag">The AMQP delivery tag.</param>
/// <param name="User">The recipient; in a mailbox, its key.</param>
internal readonly record struct DeliveryRef(string Origin, string Queue, long ChannelEpoch, ulong Tag, string User);
