namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <param name="Silo">The silo that hosts the shard.</param>
/// <param name="Epoch">The shard's epoch.</param>
/// <param name="Linked">False when that silo has no link to the edge: nothing was registered, open the link and ask again.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.RegisterReply")]
public sealed record RegisterReply([property: Id(0)] string Silo, [property: Id(1)] long Epoch, [property: Id(2)] bool Linked);
