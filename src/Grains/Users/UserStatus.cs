namespace NotifyOrleans.Grains.Users;

/// <param name="Incarnation">Names the activation; never 0.</param>
/// <param name="Refused">The caller meant another activation, and nothing was done: what that one had in memory has to be given again.</param>
/// <param name="Subscriptions">How many subscriptions there are.</param>
/// <param name="Unsafe">How many messages are in memory that are neither delivered nor stored.</param>
/// <param name="KeptUntil">When the first of the subscriptions that are kept for their successors is to end; null when there is none.</param>
/// <param name="OwesFlags">The outbox has still to be told which rows were attempted: the activation has to stay, and to be told to store.</param>
/// <param name="KeepsForLate">After the shard was taken it keeps what sessions have had for others that are late, until it is told to end that.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.UserStatus")]
internal readonly record struct UserStatus(
    [property: Id(0)] long Incarnation,
    [property: Id(1)] bool Refused,
    [property: Id(2)] int Subscriptions,
    [property: Id(3)] int Unsafe,
    [property: Id(4)] DateTimeOffset? KeptUntil = null,
    [property: Id(5)] bool OwesFlags = false,
    [property: Id(6)] bool KeepsForLate = false
);
