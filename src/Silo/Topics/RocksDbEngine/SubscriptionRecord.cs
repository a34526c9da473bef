using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Silo.Topics.RocksDbEngine;

/// <summary>A durable subscription with its cursor.</summary>
/// <param name="Topic">What it is.</param>
/// <param name="HasBegun">Whether it has its place in the logs.</param>
/// <param name="Session">The session that has it; empty when none has.</param>
/// <param name="SeenAt">When a session last had it, in milliseconds since the Unix epoch.</param>
/// <param name="Marks">Its place in each log.</param>
internal sealed record SubscriptionRecord(DurableTopic Topic, bool HasBegun, string Session, long SeenAt, IReadOnlyList<LogMark> Marks)
{
    /// <summary>Moved on; a mark never goes back.</summary>
    public SubscriptionRecord Advance(DurableProgress progress, long now)
    {
        var marks = Marks.ToDictionary(mark => mark.Log);
        foreach (var mark in progress.Marks)
        {
            var former = marks.GetValueOrDefault(mark.Log);
            marks[mark.Log] = new LogMark(mark.Log, Math.Max(mark.Settled, former.Settled), Math.Max(mark.Offered, former.Offered));
        }
        return this with { Marks = [.. marks.Values], SeenAt = Math.Max(SeenAt, now), Session = progress.IsEnd && Session == progress.Session ? "" : Session };
    }
}
