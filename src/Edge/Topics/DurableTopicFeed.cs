using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// A durable subscription to topics. Everything that it gets is in the logs, so it holds nothing back: whenever a live message does not fit, or may not be the
/// next one, it reads on from where it is.
/// </summary>
internal sealed class DurableTopicFeed(
    Session session,
    SubscriptionId id,
    AckMode ackMode,
    string exchange,
    TopicPattern pattern,
    int prefetch,
    int window,
    TopicTable topics,
    DurableTopics durables,
    LinkTable links
) : Subscription(session, id, ackMode, window), ITopicFeed
{
    private readonly Lock _gate = new();
    private readonly DurableLogPlaces _places = new();
    private readonly DurableSeam _seam = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TopicWindow _onTheWay = new(ackMode, window, prefetch);
    private DropNotice _drops;
    private long _subscription;
    private bool _hasMoved;
    private bool _isReading;
    private bool _isStopped;

    public TopicInterest Interest { get; } = new(exchange, pattern.Text);

    public TopicPattern Pattern => pattern;

    public override Task RequireAsync(EdgeAuthority authority, Identity identity) => authority.RequireReadAsync(identity, Interest.Exchange, Interest.Pattern);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        topics.Add(this);
        try
        {
            // What is stored from here on is pushed to this edge, or is in the log that is read then.
            do
            {
                await links.WhenLinkedAsync(cancellationToken);
                await topics.WhenToldAsync().WaitAsync(cancellationToken);
            } while (!links.IsLinked);
            Begin(await durables.TakeUpAsync(new DurableTopic(Session.Identity!.User, Id.Header!, Interest), Session.Id, cancellationToken));
        }
        catch (OperationCanceledException exception)
        {
            throw new ClusterUnavailableException("The topic cannot be reached now", exception);
        }
    }

    /// <summary>Takes a live message that matches. One that is in no log came before the subscription, or when it had ended.</summary>
    public void Offer(OutgoingMessage message, SiloTopics silo, TopicPush push)
    {
        // Handed on within the lock: messages must not overtake each other.
        lock (_gate)
        {
            if (_isStopped || _subscription == 0 || push.Stored is null)
                return;
            if (!_isReading && !TryHandOn(message, push))
                StartReading();
            if (_isReading)
                _seam.Add(message, push);
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
            if (!_places.At(message.Place.Epoch).Settle(message.Place.Number))
                return;
            _hasMoved = true;
            _drops.OnSettled(message.Place);
            _onTheWay.Remove(message.Message);
        }
    }

    public override async Task ForgetAsync()
    {
        try
        {
            await durables.EndAsync(_subscription);
        }
        catch (OperationCanceledException)
        {
            throw new StompErrorException(StompErrors.Unavailable("The subscription could not be ended"));
        }
    }

    /// <summary>Something may have been missed.</summary>
    public void ReadAgain()
    {
        lock (_gate)
        {
            if (_isStopped || _subscription == 0)
                return;
            if (_isReading)
                _seam.Break();
            else
                StartReading();
        }
    }

    /// <summary>A log has come so far, and nothing more up to there will be pushed.</summary>
    public void Pass(LogPosition mark)
    {
        lock (_gate)
        {
            if (!_isReading && _places.Find(mark.Log) is { } place && place.Epoch == mark.Epoch)
                place.Pass(mark.Number);
        }
    }

    /// <summary>How far it has come since it was last asked; null when nothing was delivered or settled since.</summary>
    /// <param name="isTouch">Whether it is to be said in any case.</param>
    public DurableProgress? TakeProgress(bool isTouch)
    {
        lock (_gate)
            return _isStopped || _subscription == 0 || !(_hasMoved || isTouch) ? null : Progress(isEnd: false);
    }

    /// <summary>What was taken could not be saved.</summary>
    public void SaveAgain()
    {
        lock (_gate)
        {
            _hasMoved = true;
            _places.SaveAgain();
        }
    }

    /// <summary>The subscription was ended by another session, or by the silos.</summary>
    public void OnGone() => Session.Cancel(this, StompErrors.SubscriptionCancelled(Id));

    protected override void Stop()
    {
        DurableProgress? last = null;
        lock (_gate)
        {
            if (!_isStopped && _subscription != 0)
            {
                // All of it: what was said last may not be saved.
                _places.SaveAgain();
                last = Progress(isEnd: true);
            }
            _isStopped = true;
            _seam.Clear();
            _onTheWay.Stop();
        }
        _stopping.Cancel();
        // Also when it was stopped before: it may have begun since.
        topics.Remove(this);
        durables.Remove(this, last);
    }

    private void Begin(DurableOpening opening)
    {
        lock (_gate)
        {
            foreach (var mark in opening.Marks)
                _places.Add(mark);
            _subscription = opening.Subscription;
            if (!_isStopped)
            {
                durables.Add(this);
                StartReading();
                return;
            }
        }
        // The session has gone meanwhile.
        durables.Remove(this, new DurableProgress(opening.Subscription, Session.Id, [], IsEnd: true));
    }

    private void StartReading()
    {
        _isReading = true;
        _seam.Break();
        _ = Task.Run(ReadAsync);
    }

    private async Task ReadAsync()
    {
        try
        {
            DurablePage page;
            do
            {
                if (!await _onTheWay.WhenRoomAsync(_gate))
                    return;
                page = await durables.ReadAsync(Query(), _stopping.Token);
                Drop(page.Dropped);
                foreach (var entry in page.Entries)
                {
                    if (!await _onTheWay.WhenRoomAsync(_gate))
                        return;
                    HandOn(entry);
                }
            } while (!TryEndReading(page));
        }
        catch (OperationCanceledException)
        {
            // It has stopped.
        }
    }

    /// <summary>What is asked next.</summary>
    private DurableQuery Query()
    {
        lock (_gate)
        {
            _seam.Begin();
            return new DurableQuery(Interest, _places.Positions);
        }
    }

    /// <summary>Goes on live, when everything was read and what came meanwhile fits behind it.</summary>
    private bool TryEndReading(DurablePage page)
    {
        lock (_gate)
        {
            _places.Pass(page.Positions);
            if (!page.IsEnd || !_seam.IsWhole)
                return false;
            while (_seam.TryTake(out var message, out var push))
            {
                if (!TryHandOn(message, push))
                    return false;
            }
            _isReading = false;
            return true;
        }
    }

    /// <summary>False when it has to be read from the log: there is no room now, or a new writer may have written more than was pushed.</summary>
    private bool TryHandOn(OutgoingMessage message, TopicPush push)
    {
        var stored = push.Stored!.Value;
        var place = _places.Of(stored.Log);
        if (stored.Epoch < place.Epoch || (stored.Epoch == place.Epoch && stored.Number <= place.Position))
            return true;
        if (stored.Epoch > place.Epoch || !_onTheWay.HasRoom)
            return false;
        HandOn(message, place, stored.Number, push.Redelivered);
        return true;
    }

    private void HandOn(DurableEntry entry)
    {
        lock (_gate)
        {
            if (!_isStopped)
                HandOn(new OutgoingMessage(entry.Notification), _places.Of(entry.Log), entry.Number, entry.Redelivered);
        }
    }

    private void HandOn(OutgoingMessage message, DurableLogPlace place, long number, bool redelivered)
    {
        var at = new Place(place.Ordinal, number);
        place.HandOn(number);
        _hasMoved = true;
        _onTheWay.Add(message);
        Deliver(new SubscribedMessage(this, message, Link: null, at, _drops.Tell(at), redelivered || place.WasOffered(number)));
    }

    private void Drop(long count)
    {
        lock (_gate)
            _drops.Add(count);
    }

    /// <remarks>While a loss has still to be told, cursors stay before it: whoever comes next is told it then.</remarks>
    private DurableProgress Progress(bool isEnd)
    {
        _hasMoved = false;
        var mayPass = _drops.Open == 0;
        return new DurableProgress(_subscription, Session.Id, _places.TakeMarks(mayPass), isEnd);
    }
}
