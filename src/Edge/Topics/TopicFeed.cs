using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// A subscription to live topic messages. Nothing of them is kept for it in a silo: the window of what is not acknowledged, or not proved to have arrived, is
/// kept here, bounded. When it follows one whose session was lost, it first reads what that one has missed from the silos' logs; when it is new, what is
/// retained; and what comes live meanwhile waits. What comes faster than the client takes it is dropped, and the client is told how much.
/// </summary>
internal sealed class TopicFeed(
    Session session,
    SubscriptionId id,
    AckMode ackMode,
    string exchange,
    TopicPattern pattern,
    int prefetch,
    int window,
    TopicServices services
) : Subscription(session, id, ackMode, window), ITopicFeed
{
    private readonly Lock _gate = new();
    private readonly UnsettledPlaces _unsettled = new();
    private readonly TopicWindow _onTheWay = new(ackMode, window, prefetch, session);
    private readonly TopicBacklog _waiting = new(session.Backlog);
    private readonly LogSeam _logs = new();
    private DropNotice _drops;
    private TopicCatchUp? _catchUp;
    private RetainedSeam? _retained = new(services.Time);
    private CancellationTokenSource? _stopping;
    private TopicFeed? _heir;
    private bool _hasStarted;
    private bool _isStopped;

    public TopicInterest Interest { get; } = new(exchange, pattern.Text);

    public TopicPattern Pattern => pattern;

    public string User { get; } = session.Identity!.User;

    public override bool IsLossy => true;

    public override Task RequireAsync(EdgeAuthority authority, Identity identity) => authority.RequireReadAsync(identity, Interest.Exchange, Interest.Pattern);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        services.Topics.Add(this);
        TopicCatchUp? taken = null;
        try
        {
            do
            {
                await services.Links.WhenLinkedAsync(cancellationToken);
                await services.Topics.WhenToldAsync().WaitAsync(cancellationToken);
            } while (!services.Links.IsLinked);
            // In this order: a sibling that is found to be lost meanwhile has given its last to the one or the other.
            var sibling = services.Topics.FindSibling(this);
            var bequest = sibling?.Bequeath(this);
            var lost = await services.Lost.TakeAsync(User, Interest, cancellationToken);
            if (lost is not null)
            {
                taken = new TopicCatchUp(lost, services.Time);
                sibling?.Keep();
            }
            // Who follows has had it.
            var retained = lost is null or { LacksRetained: true } ? await services.Retained.ReadFirstAsync(Interest).WaitAsync(cancellationToken) : null;
            Begin(taken?.Describe() ?? bequest, retained);
        }
        catch (OperationCanceledException exception)
        {
            // The silo gives it out once. The client comes again, and is to find it.
            if (taken is not null)
                services.Lost.Add(taken.Describe());
            throw new ClusterUnavailableException("The topic cannot be reached now", exception);
        }
    }

    public void Offer(OutgoingMessage message, SiloTopics silo, TopicPush push)
    {
        var place = new Place(silo.Ordinal, push.Number);
        // Handed on within the lock: what a settlement lets go must not be overtaken by what comes.
        lock (_gate)
        {
            if (_isStopped || _logs.Had(place) || _retained?.TryPass(push) == false)
                return;
            var offered = new SubscribedMessage(this, message, Link: null, place, Dropped: 0, push.Redelivered);
            if (IsCaughtUp && _onTheWay.HasRoom && _waiting.IsEmpty)
                HandOn(offered with { Dropped = _waiting.TakeDropped() });
            else if (!_waiting.TryAdd(offered))
                services.Metrics.Dropped("slow_client");
        }
    }

    /// <summary>A silo has dropped messages that match, as this edge did not keep up.</summary>
    /// <param name="last">The place of the newest of them.</param>
    /// <param name="count">How many.</param>
    public void Drop(Place last, long count)
    {
        lock (_gate)
        {
            if (_isStopped || _logs.Had(last))
                return;
            if (_logs.IsRead)
                _waiting.Drop(count);
            else
                _logs.Drop(last, count);
        }
    }

    public override void Settle(in SubscribedMessage message, SettlementOutcome outcome)
    {
        // As in the reference a refused message comes again; otherwise it has gone, whether it was wanted or not.
        if (outcome == SettlementOutcome.Requeued)
        {
            Deliver(message with { Redelivered = true });
            return;
        }
        lock (_gate)
        {
            _heir = null;
            _drops.OnSettled(message.Place);
            if (_unsettled.Remove(message.Place))
                _onTheWay.Remove(message.Message);
            HandOnWaiting();
        }
    }

    protected override void Stop()
    {
        // Before it stops: what is offered from here on is not settled, and counts as such.
        var marks = IsLost ? MarksOf(services.Links.TopicsOfSilos) : [];
        lock (_gate)
        {
            if (!_isStopped)
                Leave(marks);
        }
        // Also when it was stopped before: it may have begun since.
        services.Topics.Remove(this);
    }

    private void Leave(List<(SiloTopics Silo, long[] Lanes)> marks)
    {
        _isStopped = true;
        _onTheWay.Stop();
        _stopping?.Cancel();
        if (IsLost && _heir is not { IsEnded: false } && Describe(marks) is { } lost)
            services.Lost.Add(lost);
        _waiting.Clear();
    }

    /// <summary>
    /// Gives another one to the same destination what this one has not settled: the session may be lost without anybody knowing it yet. When that is found
    /// before this one settles something, the successor was there already.
    /// </summary>
    /// <returns>Null when there is nothing.</returns>
    private LostTopic? Bequeath(TopicFeed heir)
    {
        var marks = MarksOf(services.Links.TopicsOfSilos);
        lock (_gate)
        {
            if (_isStopped || _unsettled.Count == 0)
                return null;
            _heir = heir;
            return Describe(marks);
        }
    }

    /// <summary>The other one has found something else to follow.</summary>
    private void Keep()
    {
        lock (_gate)
            _heir = null;
    }

    private bool IsCaughtUp => _logs.IsRead && _retained is not { IsRead: false };

    private void Begin(LostTopic? lost, RetainedTopics? retained)
    {
        bool isGone,
            isReady;
        lock (_gate)
        {
            _hasStarted = true;
            isGone = _isStopped;
            if (lost is not null)
            {
                _catchUp = new TopicCatchUp(lost, services.Time);
                _drops.Add(lost.Dropped);
            }
            else
            {
                _drops.Add(_logs.End(readUpTo: null));
            }
            if (retained is { Messages.Length: > 0 })
                _stopping = new CancellationTokenSource();
            else
                _retained = null;
            isReady = IsCaughtUp;
            HandOnWaiting();
        }
        // When the session has gone meanwhile, it is for the next one.
        if (isGone && lost is not null)
            services.Lost.Add(lost);
        if (!isGone && !isReady)
            _ = Task.Run(() => CatchUpAsync(retained, lost is { LacksRetained: true } ? RetainedSeam.VersionAt(services.Time.GetUtcNow() - lost.Age) : null));
    }

    /// <param name="retained">What is retained; null when it is not wanted.</param>
    /// <param name="lostAt">The version at which the one was lost that is followed, and lacks what is retained; null when it does not.</param>
    private async Task CatchUpAsync(RetainedTopics? retained, long? lostAt)
    {
        var isEmpty = retained is not { Messages.Length: > 0 };
        // What was retained before it was lost comes before what it has missed.
        if (!isEmpty && lostAt is not null)
            await ReadRetainedAsync(retained!, after: 0, lostAt.Value, isRedelivered: true);
        if (_catchUp is not null)
            await ReadLogsAsync();
        if (!isEmpty)
            await ReadRetainedAsync(retained!, lostAt ?? 0, long.MaxValue, isRedelivered: lostAt is not null);
        lock (_gate)
        {
            if (!isEmpty && !_isStopped)
                _retained!.End();
            HandOnWaiting();
        }
    }

    /// <summary>Hands on what is retained of these versions, but for keys of which something newer has come or waits.</summary>
    private async Task ReadRetainedAsync(RetainedTopics first, long after, long upTo, bool isRedelivered)
    {
        try
        {
            await foreach (var (version, message) in services.Retained.ReadAllAsync(Interest, first, after, upTo, _stopping!.Token))
            {
                if (!await _onTheWay.WhenRoomAsync(_gate))
                    return;
                lock (_gate)
                {
                    if (!_isStopped && _retained!.TryTake(message.Notification.RoutingKey, version))
                        HandOn(new SubscribedMessage(this, message, Link: null, RetainedSeam.PlaceOf(version), Dropped: 0, isRedelivered));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It has stopped.
        }
    }

    private async Task ReadLogsAsync()
    {
        var replay = services.Replay(_catchUp!.Lost);
        try
        {
            await foreach (var (silo, entry) in replay.ReadAsync())
            {
                if (!await _onTheWay.WhenRoomAsync(_gate))
                    return;
                lock (_gate)
                {
                    _drops.Add(replay.TakeDropped());
                    _catchUp.OnRead(silo, entry.Push.Number);
                    _retained?.TryPass(entry.Push);
                    HandOn(
                        new SubscribedMessage(
                            this,
                            new OutgoingMessage(entry.Push.Notification),
                            Link: null,
                            new Place(silo.Ordinal, entry.Push.Number),
                            Dropped: 0,
                            entry.Push.Redelivered
                        )
                    );
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _drops.Add(replay.TakeDropped());
                _drops.Add(_logs.End(replay.ReadUpTo));
                if (!_isStopped)
                    _catchUp = null;
                HandOnWaiting();
            }
        }
    }

    private void HandOnWaiting()
    {
        if (!IsCaughtUp || _isStopped)
            return;
        while (_onTheWay.HasRoom && _waiting.TryTake(out var next))
        {
            if (_logs.Had(next.Place))
                _drops.Add(next.Dropped);
            else
                HandOn(next);
        }
    }

    private void HandOn(in SubscribedMessage message)
    {
        _drops.Add(message.Dropped);
        var dropped = _drops.Tell(message.Place);
        _unsettled.Add(message.Place);
        _onTheWay.Add(message.Message);
        Deliver(dropped == message.Dropped ? message : message with { Dropped = dropped });
    }

    private List<(SiloTopics Silo, long[] Lanes)> MarksOf(IEnumerable<SiloTopics> silos) =>
        [.. silos.Select(silo => (silo, Lanes: silo.LanesOf(Interest)!)).Where(mark => mark.Lanes is not null)];

    /// <summary>What its successor has to know; null when it has never begun.</summary>
    private LostTopic? Describe(List<(SiloTopics Silo, long[] Lanes)> marks)
    {
        if (!_hasStarted)
            return null;
        if (_catchUp is { } unfinished)
            return unfinished.Describe() with { LacksRetained = _retained is not null };
        return new LostTopic(
            User,
            Interest,
            [.. marks.Select(mark => new TopicMark(mark.Silo.Silo, mark.Lanes, [.. _unsettled.NumbersOf(mark.Silo.Ordinal, _waiting.Places)], Attempted: 0))],
            TimeSpan.Zero,
            _drops.Open + _waiting.Dropped,
            LacksRetained: _retained is { IsRead: false } || _unsettled.Any(RetainedSeam.Epoch)
        );
    }
}
