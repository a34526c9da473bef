using System.Diagnostics;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// The way from a shard to a mailbox of one of its users: one step after the other, one call under way. To a user who is there the mailbox's grain is called;
/// for one who is not, messages are stored without waking the grain. It belongs to the shard's grain and runs on its scheduler.
/// </summary>
internal sealed class UserLane(
    string mailbox,
    IUserGrain grain,
    ShardLedger ledger,
    TimeSpan timeToLive,
    Action<string, bool, bool> presence,
    TimeProvider time,
    ILogger logger,
    Action<string> idle
)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(5);

    private readonly LaneQueue _steps = new();
    private readonly Dictionary<SubscriberKey, LaneStep.Subscribe> _subscriptions = [];
    private readonly GraceMessages _grace = new(mailbox, ledger);
    private UserStatus _status;
    private Place _offeredUpTo;
    private bool _hasRegistered;
    private bool _wasThere;
    private bool _isRunning;

    /// <summary>
    /// Whether there is something for the user's grain to do: he is there, what he misses is kept for him, or it has something that is nowhere else.
    /// </summary>
    public bool NeedsGrain => _subscriptions.Count > 0 || _status.Unsafe > 0 || _status.OwesFlags || _status.KeptUntil is not null || _status.KeepsForLate;

    /// <summary>The user is there, or about to be.</summary>
    public bool IsExpected => IsThere || _steps.Any(step => step is LaneStep.Subscribe);

    /// <summary>He has a subscription, or one that was lost is kept for him: a page that is reloaded does not go and come.</summary>
    private bool IsThere => _subscriptions.Count > 0 || _status.KeptUntil is not null;

    /// <summary>
    /// The shard was taken just now, and the user may be about to register again. One who has registered, and has left since then, is not waited for.
    /// </summary>
    private bool IsInGrace => time.Uptime() < ledger.GraceUntil;

    private bool IsIdle => !_isRunning && _steps.IsEmpty && !NeedsGrain && !(IsInGrace && (!_grace.IsEmpty || _hasRegistered));

    public void Deliver(MailboxMessage message) => _ = AddAsync(new LaneStep.Deliver(message));

    public Task SubscribeAsync(string edge, long link, MailboxSubscription subscription) => AddAsync(new LaneStep.Subscribe(edge, link, subscription));

    public Task UnsubscribeAsync(string edge, long link, UserSubscription[] subscriptions) => AddAsync(new LaneStep.Unsubscribe(edge, link, subscriptions));

    public Task ExpireAsync() => AddAsync(new LaneStep.Expire());

    public void SettleElsewhere(Place[] places) => _ = AddAsync(new LaneStep.SettledElsewhere(places));

    public Task ClearAsync() => AddAsync(new LaneStep.Clear(ledger.Newest));

    /// <summary>Something of the user is not safe for too long.</summary>
    public void Store()
    {
        if (!_steps.Any(step => step is LaneStep.Store or LaneStep.Deliver))
            _ = AddAsync(new LaneStep.Store());
        else
            Run();
    }

    /// <summary>Looks after what time alone moves on.</summary>
    public void Sweep()
    {
        if (!IsInGrace)
            _grace.LetGo();
        if ((_status.KeptUntil <= time.GetUtcNow() || (_status.KeepsForLate && !IsInGrace)) && !_steps.Any(step => step is LaneStep.EndKept))
            _ = AddAsync(new LaneStep.EndKept());
        else if (_status.OwesFlags)
            Store();
        else
            Run();
    }

    /// <summary>
    /// The shard has ended: nobody is to wait any longer. A call that waited would keep the shard's grain from ending, and its successor from beginning.
    /// </summary>
    public void Close()
    {
        foreach (var step in _steps.TakeAll())
            step.Fail(new StaleEpochException(ledger.Shard, ledger.Epoch, ledger.Epoch));
    }

    private Task AddAsync(LaneStep step)
    {
        _steps.Add(step);
        Run();
        return step.Done;
    }

    private void Run()
    {
        if (!_isRunning)
            _ = RunAsync();
    }

    private async Task RunAsync()
    {
        _isRunning = true;
        try
        {
            while (_steps.First is { } first && !ledger.IsClosed && await TryStepAsync(first))
                NotePresence(first);
        }
        finally
        {
            _isRunning = false;
        }
        if (ledger.IsClosed)
            Close();
        if (IsIdle)
            idle(mailbox);
    }

    /// <returns>False when the lane has to wait for a sweep.</returns>
    private async ValueTask<bool> TryStepAsync(LaneStep step)
    {
        step.TriedAt ??= time.Uptime();
        try
        {
            switch (step)
            {
                case LaneStep.Deliver when NeedsGrain:
                    var deliveries = _steps.NextDeliveries();
                    Accept(await grain.DeliverAsync(Call(), Array.ConvertAll(deliveries, static delivery => delivery.Message)), deliveries);
                    return true;
                case LaneStep.Deliver:
                    return await StoreAsync() || _steps.TryLetAnotherPass();
                case LaneStep.Clear clear when !NeedsGrain:
                    await ledger.Rows.ClearAsync(mailbox, clear.UpTo);
                    FinishCleared(clear);
                    _steps.Finish(step);
                    return true;
                case LaneStep.Store or LaneStep.Expire or LaneStep.EndKept or LaneStep.SettledElsewhere when !NeedsGrain:
                    if (step is LaneStep.Expire)
                        await ledger.Rows.ExpireAsync(mailbox);
                    else if (step is LaneStep.SettledElsewhere { Places: var places })
                        await SettleElsewhereAsync(places);
                    _steps.Finish(step);
                    return true;
                default:
                    await CallAsync(step);
                    return true;
            }
        }
        catch (OutboxUnavailableException exception)
        {
            logger.StoringFailed(exception, ledger.Shard);
            _steps.Drop(step, exception);
            return false;
        }
        catch (StaleEpochException)
        {
            // The ledger is closed; the shard's grain ends, and its successor is offered everything again.
            return false;
        }
        catch (Exception exception)
        {
            if (time.Uptime() - step.TriedAt > GiveUpAfter)
            {
                logger.UserCallFailed(exception, ledger.Shard);
                step.TriedAt = null;
                _steps.Drop(step, exception);
            }
            await Task.Delay(RetryDelay, time);
            return true;
        }
    }

    /// <summary>Whoever has come or gone with the step is told of.</summary>
    private void NotePresence(LaneStep step)
    {
        if (IsThere == _wasThere || ledger.IsClosed)
            return;
        _wasThere = IsThere;
        presence(mailbox, _wasThere, step is LaneStep.Subscribe { Subscription.LastEpoch: not 0 and var last } && last != ledger.Epoch);
    }

    private async Task CallAsync(LaneStep step)
    {
        var status = step switch
        {
            LaneStep.Subscribe subscribe => await grain.SubscribeAsync(
                Call(),
                subscribe.Edge,
                subscribe.Link,
                subscribe.Subscription,
                _grace.Held,
                _grace.Missed
            ),
            LaneStep.Unsubscribe unsubscribe => await grain.UnsubscribeAsync(Call(), unsubscribe.Edge, unsubscribe.Link, unsubscribe.Subscriptions),
            LaneStep.Store => await grain.StoreAsync(Call()),
            LaneStep.EndKept => await grain.EndKeptAsync(Call()),
            LaneStep.Clear clear => await grain.ClearAsync(Call(), clear.UpTo),
            LaneStep.SettledElsewhere elsewhere => await grain.SettleElsewhereAsync(Call(), elsewhere.Places),
            LaneStep.Expire => await grain.ExpireAsync(Call()),
            _ => throw new UnreachableException($"A {step.GetType().Name} is no call of its own"),
        };
        if (!Accept(status, []))
            return;
        switch (step)
        {
            case LaneStep.Subscribe subscribe:
                _subscriptions[new SubscriberKey(subscribe.Edge, subscribe.Subscription.Id)] = subscribe;
                _hasRegistered = true;
                _grace.Clear();
                break;
            case LaneStep.Unsubscribe unsubscribe:
                foreach (var key in unsubscribe.Subscriptions.Select(subscription => new SubscriberKey(unsubscribe.Edge, subscription.Id)))
                {
                    if (_subscriptions.TryGetValue(key, out var known) && (unsubscribe.Link == 0 || known.Link == unsubscribe.Link))
                        _subscriptions.Remove(key);
                }
                break;
            case LaneStep.Clear clear:
                _subscriptions.Clear();
                FinishCleared(clear);
                break;
        }
        _steps.Finish(step);
        // The grain ends by itself when nobody is there; the next one is another.
        if (!NeedsGrain)
            _status = default;
    }

    /// <summary>Takes in what the grain says. False when it is another activation than the one that was given everything so far.</summary>
    private bool Accept(UserStatus status, LaneStep.Deliver[] delivered)
    {
        if (status.Refused)
        {
            Recover();
            return false;
        }
        _status = status;
        foreach (var delivery in delivered)
            _steps.Finish(delivery);
        return true;
    }

    /// <summary>The activation that had the user's subscriptions and messages is gone: gives them to the one that has followed it.</summary>
    private void Recover()
    {
        _status = default;
        _offeredUpTo = ledger.Newest;
        var others = _steps.TakeAll().Where(step => step is not LaneStep.Deliver);
        foreach (var subscription in _subscriptions.Values)
            _steps.Add(new LaneStep.Subscribe(subscription.Edge, subscription.Link, subscription.Subscription));
        foreach (var message in ledger.UnsafeOf(mailbox))
            _steps.Add(new LaneStep.Deliver(message with { Redelivered = true }));
        foreach (var step in others)
            _steps.Add(step);
    }

    /// <summary>Stores messages of a user who is not there. False when the outbox does not take them now.</summary>
    private async Task<bool> StoreAsync()
    {
        var deliveries = _steps.NextDeliveries();
        var now = time.GetUtcNow();
        var persistent = deliveries.Select(delivery => delivery.Message).Where(message => message.Notification.Persistent && !message.IsExpired(now)).ToList();
        try
        {
            if (persistent.Count > 0)
                await ledger.StoreAsync(mailbox, [.. persistent.Select(message => message.ToRow(mailbox, isAttempted: false, now, timeToLive))]);
        }
        catch (OutboxUnavailableException exception)
        {
            logger.StoringFailed(exception, ledger.Shard);
            return false;
        }
        foreach (var delivery in deliveries)
        {
            var message = delivery.Message;
            // Nothing more can be done for a transient message or an expired one; the stored ones are settled already.
            if (!message.Notification.Persistent && IsInGrace && !_hasRegistered)
                _grace.Hold(message);
            else if (!message.Notification.Persistent || message.IsExpired(now))
                ledger.SettleUnoffered(mailbox, message);
            _steps.Finish(delivery);
        }
        return true;
    }

    /// <summary>Deliveries of these that wait for the outbox are none any more: a user who came now would hold what the shard knows to be settled.</summary>
    private Task SettleElsewhereAsync(Place[] places)
    {
        foreach (var delivery in _steps.Deliveries(message => places.Contains(message.Place)))
        {
            ledger.Settle(delivery.Message.Place);
            _steps.Finish(delivery);
        }
        return ledger.Rows.SettleElsewhereAsync(mailbox, places);
    }

    /// <summary>Deliveries that it has passed, or that were begun with anew, are none any more, and what was held is nobody's.</summary>
    private void FinishCleared(LaneStep.Clear clear)
    {
        _grace.Clear();
        foreach (var delivery in _steps.Deliveries(message => message.Place <= clear.UpTo))
            _steps.Finish(delivery);
    }

    private UserCall Call() => new(ledger.Epoch, _status.Incarnation, _offeredUpTo);
}
