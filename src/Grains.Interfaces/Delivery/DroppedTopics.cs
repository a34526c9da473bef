namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>
/// Topic messages of a lane, one behind the other, that the silo has not pushed: the edge did not keep up, or was away longer than they are remembered.
/// </summary>
/// <param name="Last">The number of the newest of them in the silo's log.</param>
/// <param name="Keys">How many there were of each key.</param>
/// <param name="Others">How many more, of keys that were too many to be counted: they may have been for any subscription.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.DroppedTopics")]
public sealed record DroppedTopics([property: Id(0)] long Last, [property: Id(1)] DroppedKey[] Keys, [property: Id(2)] long Others);
