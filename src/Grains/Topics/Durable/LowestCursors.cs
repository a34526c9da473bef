namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>How far the last of all subscriptions has come.</summary>
/// <param name="Subscriptions">How many there are.</param>
/// <param name="Settled">For each log the lowest number up to which a subscription has settled everything.</param>
public sealed record LowestCursors(long Subscriptions, IReadOnlyDictionary<string, long> Settled)
{
    /// <summary>Up to where nobody needs a log any more.</summary>
    /// <param name="log">The log.</param>
    /// <param name="last">Its end, read before the cursors were.</param>
    public long Of(string log, long last) => Subscriptions == 0 ? last : Math.Min(last, Settled.GetValueOrDefault(log));
}
