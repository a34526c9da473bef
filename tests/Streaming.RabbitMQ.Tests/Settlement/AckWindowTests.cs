using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Settlement;

public sealed class AckWindowTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    [Fact]
    public void Settle_InAnyOrder_PrefixEndsBeforeFirstMissing()
    {
        var window = Delivered(5);

        window.Settle(2);
        AssertTaken(window.Take(Patience), upTo: 0, byThemselves: [], count: 0);
        window.Settle(1);
        AssertTaken(window.Take(Patience), upTo: 2, byThemselves: [], count: 2);
        window.Settle(5);
        window.Settle(4);
        AssertTaken(window.Take(Patience), upTo: 0, byThemselves: [], count: 0);
        window.Settle(3);
        AssertTaken(window.Take(Patience), upTo: 5, byThemselves: [], count: 3);
        Assert.Equal(0, window.Unsettled);
    }

    [Fact]
    public void Settle_Twice_CountsOnce()
    {
        var window = Delivered(3);

        Assert.True(window.Settle(2));
        Assert.False(window.Settle(2));
        Assert.True(window.Settle(1));
        Assert.False(window.Settle(1));

        AssertTaken(window.Take(Patience), upTo: 2, byThemselves: [], count: 2);
        Assert.Equal(1, window.Unsettled);
    }

    [Fact]
    public void Settle_NeverDelivered_ChangesNothing()
    {
        var window = Delivered(1);

        Assert.False(window.Settle(0));
        Assert.False(window.Settle(2));
        Assert.True(window.Settle(1));

        AssertTaken(window.Take(Patience), upTo: 1, byThemselves: [], count: 1);
    }

    [Fact]
    public void Take_HeadIsMissingForLong_OthersAreAcknowledgedByThemselves_AndNameNoRange()
    {
        var time = new ManualTime();
        var window = new AckWindow(10, time);
        for (ulong tag = 1; tag <= 5; tag++)
            window.Deliver(tag);
        window.Settle(1);
        window.Settle(3);
        window.Settle(5);

        AssertTaken(window.Take(Patience), upTo: 1, byThemselves: [], count: 1);
        Assert.True(window.HasSettledBehind);
        time.Advance(Patience);
        AssertTaken(window.Take(Patience), upTo: 0, byThemselves: [3, 5], count: 2);
        Assert.False(window.HasSettledBehind);

        // The broker knows 3 and 5 no more: a range that ended with them would be an error there.
        window.Settle(2);
        AssertTaken(window.Take(Patience), upTo: 2, byThemselves: [], count: 1);
        window.Settle(4);
        AssertTaken(window.Take(Patience), upTo: 4, byThemselves: [], count: 1);
        AssertTaken(window.Take(Patience), upTo: 0, byThemselves: [], count: 0);
        Assert.Equal(0, window.Unsettled);
    }

    [Fact]
    public void Take_AMillionBehindTheOneThatIsMissing_NoMoreAreAcknowledgedByThemselves()
    {
        const int Prefetch = 100,
            MaxSpan = 1 << 20;
        var window = new AckWindow(Prefetch, TimeProvider.System);
        window.Deliver(1);
        ulong newest = 1;
        for (var taken = -1; taken != 0; taken = window.Take(TimeSpan.Zero).Count)
        {
            for (var i = 1; i < Prefetch; i++)
            {
                window.Deliver(++newest);
                window.Settle(newest);
            }
        }
        Assert.InRange(newest, (ulong)MaxSpan, (ulong)MaxSpan + Prefetch);

        window.Settle(1);
        AssertTaken(window.Take(TimeSpan.Zero), upTo: newest, byThemselves: [], count: Prefetch);
    }

    [Fact]
    public void Take_SettledBehindAndReachedByThePrefix_GoWithIt()
    {
        var window = Delivered(3);
        window.Settle(3);
        window.Settle(2);
        window.Settle(1);

        AssertTaken(window.Take(TimeSpan.Zero), upTo: 3, byThemselves: [], count: 3);
    }

    [Fact]
    public void Take_AtAnyTime_TheBrokerKnowsEachTag_AndHasAtMostThePrefetch()
    {
        const int Prefetch = 7;
        var window = new AckWindow(Prefetch, TimeProvider.System);
        var random = new Random(1);
        var atBroker = new SortedSet<ulong>();
        var unsettled = new List<ulong>();
        ulong newest = 0;
        for (var step = 0; step < 20_000; step++)
        {
            if (atBroker.Count < Prefetch)
            {
                window.Deliver(++newest);
                atBroker.Add(newest);
                unsettled.Add(newest);
            }
            // The oldest stays for a while, now and then.
            var pick = random.Next(unsettled.Count);
            if (unsettled.Count > 0 && (pick > 0 || step % 500 > 300))
            {
                Assert.True(window.Settle(unsettled[pick]));
                unsettled.RemoveAt(pick);
            }
            if (random.Next(3) > 0)
                continue;
            var taken = window.Take(random.Next(4) == 0 ? TimeSpan.Zero : Patience);
            var before = atBroker.Count;
            if (taken.UpTo > 0)
            {
                Assert.Contains(taken.UpTo, atBroker);
                atBroker.RemoveWhere(tag => tag <= taken.UpTo);
            }
            Assert.All(taken.ByThemselves, tag => Assert.True(atBroker.Remove(tag)));
            Assert.Equal(taken.Count, before - atBroker.Count);
            Assert.All(unsettled, tag => Assert.Contains(tag, atBroker));
            Assert.Equal(unsettled.Count, window.Unsettled);
        }
    }

    [Fact]
    public void HeadAge_OldestNotSettled_GrowsUntilPrefixMoves()
    {
        var time = new ManualTime();
        var window = new AckWindow(10, time);
        Assert.Equal(TimeSpan.Zero, window.HeadAge);
        window.Deliver(1);
        window.Deliver(2);
        time.Advance(TimeSpan.FromSeconds(5));
        window.Settle(2);
        Assert.Equal(TimeSpan.FromSeconds(5), window.HeadAge);

        window.Settle(1);

        Assert.Equal(TimeSpan.Zero, window.HeadAge);
    }

    private static void AssertTaken(Acknowledgement taken, ulong upTo, ulong[] byThemselves, int count)
    {
        Assert.Equal((upTo, count), (taken.UpTo, taken.Count));
        Assert.Equal(byThemselves, taken.ByThemselves);
    }

    private static AckWindow Delivered(int count)
    {
        var window = new AckWindow(100, TimeProvider.System);
        for (var tag = 1; tag <= count; tag++)
            window.Deliver((ulong)tag);
        return window;
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
