namespace NotifyOrleans.Grains.Ingress.Recipients;

/// <param name="Epoch">The epoch of the log's writer.</param>
/// <param name="Last">The highest number that was ever written; 0 when there was none. Those of appends that failed are not among them.</param>
public readonly record struct RecipientsLogState(long Epoch, long Last)
{
    private const int EpochShift = 32;

    /// <summary>
    /// The number of the writer's next message. Each epoch has numbers of its own, so that none is given twice, by whomever: what a writer takes away late, as
    /// an append has failed and it is not known whether it took effect, is never the message of one that came after.
    /// </summary>
    public long Next => Math.Max(Last, Epoch << EpochShift) + 1;
}
