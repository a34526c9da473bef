using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Tests.Ingress;

public sealed class DeliveryReaderTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_000_000);

    private readonly DeliveryReader _reader = new(new DeliveryLimits(1000), new FixedTime());

    [Fact]
    public void TryRead_Persistent_HasKeyBodyAndId()
    {
        Assert.True(_reader.TryRead(Deliveries.Of("user.alice", messageId: "m1", body: [1, 2]), out var notification, out _));

        Assert.Equal(
            ("notifications", "user.alice", "m1", true, 0L),
            (notification.Exchange, notification.RoutingKey, notification.MessageId, notification.Persistent, notification.ExpiresAt)
        );
        Assert.Equal([1, 2], notification.Body);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public void TryRead_TransientOrUnsaid_IsNotPersistent(int? mode)
    {
        var delivery = new RabbitMqDelivery
        {
            Queue = "q",
            ChannelEpoch = 1,
            Tag = 1,
            Exchange = "e",
            RoutingKey = "k",
            Body = [],
            DeliveryMode = (byte?)mode,
        };

        Assert.True(_reader.TryRead(delivery, out var notification, out _));

        Assert.False(notification.Persistent);
        Assert.Null(notification.MessageId);
    }

    [Theory]
    [InlineData("60000", 1_060_000)]
    [InlineData("0", 1_000_001)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void TryRead_Expiration_CountsFromNow(string expiration, long expected)
    {
        Assert.True(_reader.TryRead(Deliveries.Of("user.alice", expiration: expiration), out var notification, out _));

        Assert.Equal(expected, notification.ExpiresAt);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData(" 5")]
    [InlineData("99999999999999999999")]
    public void TryRead_ExpirationIsNoNumber_IsMalformed(string expiration)
    {
        Assert.False(_reader.TryRead(Deliveries.Of("user.alice", expiration: expiration), out _, out var fault));

        Assert.Equal(DeadLetterReasons.Malformed, fault);
    }

    [Theory]
    [InlineData(1001)]
    // The body fits, with key and headers it does not.
    [InlineData(990)]
    public void TryRead_OverTheLimit_IsTooLarge(int bytes)
    {
        Assert.False(_reader.TryRead(Deliveries.Of("user.alice", body: new byte[bytes]), out _, out var fault));

        Assert.Equal(DeadLetterReasons.TooLarge, fault);
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
