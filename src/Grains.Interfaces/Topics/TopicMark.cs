namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>How far a topic subscription has come in one silo's log.</summary>
/// <param name="Silo">The silo; the log ends with its life.</param>
/// <param name="Lanes">For each lane of the edge's link: the number up to which the subscription was offered everything of that lane.</param>
/// <param name="Unsettled">Numbers up to there that it was offered and that are not known to have arrived.</param>
/// <param name="Attempted">Numbers up to this one may have been delivered all the same.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.TopicMark")]
public sealed record TopicMark(
    [property: Id(0)] string Silo,
    [property: Id(1)] long[] Lanes,
    [property: Id(2)] long[] Unsettled,
    [property: Id(3)] long Attempted
);
