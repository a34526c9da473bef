using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>
/// One opened link to one silo. When it is lost another takes its place; what belongs to this one is then void: the silo takes back what was not settled.
/// </summary>
internal sealed class Link
{
    private readonly LaneSequence[] _lanes;
    private readonly SettlementQueue _settlements;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost = new();

    /// <param name="silo">The silo, as the directory names it.</param>
    /// <param name="number">The link's number, as the silo gave it.</param>
    /// <param name="grain">The silo's end.</param>
    /// <param name="interests">Tells the silo of topic patterns that come and go.</param>
    /// <param name="topics">How far the edge has come in the silo's topic messages.</param>
    /// <param name="options">Sizes and times.</param>
    /// <param name="metrics">Counts settlements.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failed calls are told.</param>
    public Link(
        string silo,
        long number,
        ILinkGrain grain,
        InterestFeed interests,
        SiloTopics topics,
        LinksOptions options,
        LinkMetrics metrics,
        TimeProvider time,
        ILogger logger
    )
    {
        Silo = silo;
        Number = number;
        Grain = grain;
        Interests = interests;
        Topics = topics;
        _time = time;
        _lanes = [.. Enumerable.Range(0, options.Lanes).Select(_ => new LaneSequence(options.MaxHeldBatches, time))];
        _settlements = new SettlementQueue(silo, settlements => grain.SettleAsync(number, settlements), Lost, options, metrics, time, logger);
    }

    public string Silo { get; }

    public long Number { get; }

    public ILinkGrain Grain { get; }

    public InterestFeed Interests { get; }

    public SiloTopics Topics { get; }

    /// <summary>Cancelled when the link is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    public bool IsLost => _lost.IsCancellationRequested;

    /// <summary>Calls the silo, as often as it takes.</summary>
    /// <param name="call">The call.</param>
    /// <param name="onFailed">Hears why one has failed.</param>
    /// <exception cref="OperationCanceledException">The link is lost.</exception>
    public async Task<TAnswer> CallAsync<TAnswer>(Func<ILinkGrain, Task<TAnswer>> call, Action<Exception> onFailed)
    {
        Lost.ThrowIfCancellationRequested();
        return await SiloCalls.UntilAnsweredAsync(() => call(Grain), onFailed, _time, Lost);
    }

    /// <inheritdoc cref="CallAsync{TAnswer}"/>
    public async Task CallAsync(Func<ILinkGrain, Task> call, Action<Exception> onFailed)
    {
        Lost.ThrowIfCancellationRequested();
        await SiloCalls.UntilAnsweredAsync(() => call(Grain), onFailed, _time, Lost);
    }

    /// <summary>Says what became of a message. Of a lost link nobody wants to know.</summary>
    /// <param name="settlement">The message, and what became of it.</param>
    /// <param name="isAwaited">Whether more cannot come before it is known; otherwise it may wait for others.</param>
    public void Settle(in Settlement settlement, bool isAwaited) => _settlements.Add(settlement, isAwaited);

    /// <summary>Completes when the silo has answered everything that was settled so far, or the link is lost.</summary>
    public Task WhenSettledAsync() => _settlements.WhenSentAsync();

    /// <summary>Takes a batch in, and hands out those whose turn it is.</summary>
    /// <returns>False when the link is lost, or has to be given up.</returns>
    public bool TryAccept(PushBatch batch, Action<Link, PushBatch> deliver)
    {
        if ((uint)batch.Lane >= (uint)_lanes.Length)
            return false;
        var lane = _lanes[batch.Lane];
        // A lane's observer takes one call after another, but a batch of the former client may still be on its way beside one of the next.
        lock (lane)
        {
            if (IsLost || !lane.Offer(batch))
                return false;
            while (lane.TryTake(out var next))
                deliver(this, next);
            return true;
        }
    }

    /// <summary>The longest time that a batch has been missing.</summary>
    public TimeSpan LongestGap()
    {
        var longest = TimeSpan.Zero;
        foreach (var lane in _lanes)
        {
            lock (lane)
            {
                if (lane.Gap > longest)
                    longest = lane.Gap;
            }
        }
        return longest;
    }

    /// <summary>Gives the link up. Afterwards nothing of it is handed out any more: the next one begins where this one was.</summary>
    public void Lose()
    {
        _lost.Cancel();
        foreach (var lane in _lanes)
        {
            lock (lane)
            {
                // Whoever was handing out a batch has come to its end.
            }
        }
    }
}
