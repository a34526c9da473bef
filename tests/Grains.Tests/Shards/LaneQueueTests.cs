using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Shards;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>The order of what a lane does, and how much of it goes into one call.</summary>
public sealed class LaneQueueTests
{
    private const int MaxMessages = 256;
    private const int MaxBytes = 512 * 1024;

    private readonly LaneQueue _queue = new();

    [Fact]
    public void Messages_BeyondTheNumber_GoWithTheNextCall()
    {
        for (var number = 1; number <= MaxMessages + 1; number++)
            _queue.Add(Deliver(number));

        Assert.Equal(MaxMessages, _queue.NextDeliveries().Length);
    }

    [Fact]
    public void Messages_BehindTheOneThatReachesTheSize_GoWithTheNextCall()
    {
        foreach (var number in (int[])[1, 2, 3])
            _queue.Add(Deliver(number, bytes: MaxBytes / 2));

        Assert.Equal([1, 2], _queue.NextDeliveries().Select(delivery => delivery.Message.Place.Number));
    }

    [Fact]
    public void Messages_BehindAnotherStep_WaitForIt()
    {
        _queue.Add(Deliver(1));
        _queue.Add(new LaneStep.Expire());
        _queue.Add(Deliver(2));

        Assert.Equal([1], _queue.NextDeliveries().Select(delivery => delivery.Message.Place.Number));
    }

    [Fact]
    public void Step_OfSomebodyWhoComes_PassesDeliveriesThatWaitForTheOutbox()
    {
        var expire = new LaneStep.Expire();
        foreach (var step in (LaneStep[])[Deliver(1), new LaneStep.Store(), new LaneStep.EndKept()])
            _queue.Add(step);
        Assert.False(_queue.TryLetAnotherPass());
        _queue.Add(expire);

        Assert.True(_queue.TryLetAnotherPass());

        Assert.Same(expire, _queue.First);
        _queue.Finish(expire);
        Assert.Equal([1], _queue.NextDeliveries().Select(delivery => delivery.Message.Place.Number));
    }

    [Fact]
    public void Deliveries_TakenAwayWhileTheirCallIsUnderWay_FinishNothingElse()
    {
        _queue.Add(Deliver(1));
        var underWay = _queue.NextDeliveries();
        _queue.TakeAll();
        var expire = new LaneStep.Expire();
        _queue.Add(expire);

        foreach (var delivery in underWay)
            _queue.Finish(delivery);

        Assert.Same(expire, _queue.First);
        Assert.False(expire.Done.IsCompleted);
    }

    [Fact]
    public async Task Step_ThatCannotBeDone_IsToldToWhoWaits_ADeliveryStays()
    {
        var (delivery, expire) = (Deliver(1), new LaneStep.Expire());
        _queue.Add(delivery);
        _queue.Add(expire);

        foreach (var step in (LaneStep[])[delivery, expire])
            _queue.Drop(step, new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => expire.Done);
        Assert.False(delivery.Done.IsCompleted);
        Assert.Equal([delivery], _queue.TakeAll());
        Assert.True(_queue.IsEmpty);
    }

    private static LaneStep.Deliver Deliver(long number, int bytes = 1) =>
        new(new MailboxMessage(new Place(1, number), "user.alice", Redelivered: false, Notification("user.alice", new string('x', bytes))));
}
