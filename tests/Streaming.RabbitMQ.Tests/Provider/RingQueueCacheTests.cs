using NotifyOrleans.Streaming.RabbitMQ.Provider;
using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Provider;

public sealed class RingQueueCacheTests
{
    private static readonly StreamId Stream = RabbitMqStreams.StreamOf("q");
    private long _currentEpoch = 1;
    private long? _failedEpoch;

    [Fact]
    public void Cursor_ManyRoundsOfTheRing_HandsOnEverythingInOrder()
    {
        var cache = NewCache(4);
        var cursor = cache.GetCacheCursor(Stream, token: null);
        ulong tag = 0,
            expected = 0;
        for (var round = 0; round < 100; round++)
        {
            var room = cache.GetMaxAddCount();
            Assert.Equal(8, room);
            cache.AddToCache([.. Enumerable.Range(0, room).Select(_ => Delivery(++tag))]);
            Assert.Equal(0, cache.GetMaxAddCount());
            while (MoveNext(cursor))
                Assert.Equal(++expected, TagOf(cursor));
        }
        Assert.Equal(tag, expected);
    }

    [Fact]
    public void GetMaxAddCount_OneCursorBehind_KeepsWhatItHasNotSeen()
    {
        var cache = NewCache(2);
        cache.AddToCache([Delivery(1), Delivery(2), Delivery(3)]);
        var pin = cache.GetCacheCursor(Stream, new EventSequenceTokenV2(1));
        var cursor = cache.GetCacheCursor(Stream, new EventSequenceTokenV2(1));
        while (MoveNext(cursor)) { }

        Assert.Equal(1, cache.GetMaxAddCount());
        pin.Dispose();
        Assert.Equal(4, cache.GetMaxAddCount());
    }

    [Fact]
    public void MoveNext_DeliveriesOfAClosedChannel_AreSkipped()
    {
        var cache = NewCache(4);
        var cursor = cache.GetCacheCursor(Stream, token: null);
        cache.AddToCache([Delivery(1), Delivery(2)]);
        MoveNext(cursor);
        _currentEpoch = 2;
        cache.AddToCache([Delivery(1, epoch: 2)]);

        Assert.True(MoveNext(cursor));
        Assert.Equal(2, ((DeliveryContainer)cursor.GetCurrent(out _)!).Delivery.ChannelEpoch);
        Assert.False(MoveNext(cursor));
    }

    [Fact]
    public void RecordDeliveryFailure_AsksForRedeliveryOfThatChannel()
    {
        var cache = NewCache(4);
        var cursor = cache.GetCacheCursor(Stream, token: null);
        cache.AddToCache([Delivery(1)]);
        MoveNext(cursor);

        cursor.RecordDeliveryFailure();

        Assert.Equal(1, _failedEpoch);
    }

    private static bool MoveNext(IQueueCacheCursor cursor) => ((RingQueueCacheCursor)cursor).MoveNext();

    private static ulong TagOf(IQueueCacheCursor cursor) => ((DeliveryContainer)cursor.GetCurrent(out _)!).Delivery.Tag;

    private static DeliveryContainer Delivery(ulong tag, long epoch = 1) =>
        new(
            Stream,
            new RabbitMqDelivery
            {
                Queue = "q",
                ChannelEpoch = epoch,
                Tag = tag,
                Exchange = "",
                RoutingKey = "",
                Body = [],
            }
        );

    private RingQueueCache NewCache(int prefetch) => new(prefetch, epoch => epoch == _currentEpoch, epoch => _failedEpoch = epoch);
}
