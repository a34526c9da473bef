using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Settlement;

public sealed class AckWindowTests
{
    [Fact]
    public void Settle_InAnyOrder_PrefixEndsBeforeFirstMissing()
    {
        var window = Delivered(5);

        Assert.False(window.Settle(2));
        Assert.Equal(0ul, window.Prefix);
        Assert.True(window.Settle(1));
        Assert.Equal(2ul, window.Prefix);
        Assert.False(window.Settle(5));
        Assert.False(window.Settle(4));
        Assert.Equal(2ul, window.Prefix);
        Assert.True(window.Settle(3));
        Assert.Equal(5ul, window.Prefix);
        Assert.Equal(0, window.Unsettled);
    }

    [Fact]
    public void Settle_Twice_CountsOnce()
    {
        var window = Delivered(3);

        window.Settle(2);
        window.Settle(2);
        window.Settle(1);
        window.Settle(1);

        Assert.Equal(2ul, window.Prefix);
        Assert.Equal(1, window.Unsettled);
    }

    [Fact]
    public void Settle_NeverDelivered_ChangesNothing()
    {
        var window = Delivered(1);

        Assert.False(window.Settle(0));
        Assert.False(window.Settle(2));
        Assert.True(window.Settle(1));

        Assert.Equal(1ul, window.Prefix);
    }

    [Fact]
    public void Settle_ManyRoundsOfPrefetch_SlotsAreUsedAgain()
    {
        const int Prefetch = 7;
        var window = new AckWindow(Prefetch, TimeProvider.System);
        var random = new Random(1);
        var outstanding = new List<ulong>();
        var settled = new HashSet<ulong>();
        for (ulong tag = 1; tag <= 10_000; tag++)
        {
            window.Deliver(tag);
            outstanding.Add(tag);
            // The broker counts from the acknowledged prefix: it never has more than the prefetch beyond it.
            while (tag - window.Prefix >= Prefetch)
            {
                var next = outstanding[random.Next(outstanding.Count)];
                outstanding.Remove(next);
                settled.Add(next);
                window.Settle(next);
                for (ulong i = 1; i <= window.Prefix; i += 997)
                    Assert.Contains(i, settled);
                Assert.DoesNotContain(window.Prefix + 1, settled);
            }
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
