namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>What of an exchange's retained messages is wanted.</summary>
/// <param name="Pattern">Topic pattern of routing keys.</param>
/// <param name="After">Only newer versions; 0 for all.</param>
/// <param name="UpTo">Only versions up to here: what came later is pushed; 0 for all that there are now.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.RetainedQuery")]
public sealed record RetainedQuery([property: Id(0)] string Pattern, [property: Id(1)] long After = 0, [property: Id(2)] long UpTo = 0);
