using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Ingress;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Tests.Ingress;

public sealed class DeliveryRouterTests
{
    private static readonly DeliveryLimits Limits = new(1000, MaxRecipients: 5);

    private readonly DeliveryRouter _router = new(
        new SourceRoutes([
            new SourceDescription("notifications", ["user.{user}.#"]),
            new SourceDescription("shop", ["order.*.{user}", "cart.{user}"]),
            new SourceDescription("talks", ["talk.{user}.*", "talk.*.{user}"]),
            new SourceDescription("news", []),
        ]),
        new DeliveryReader(Limits, TimeProvider.System),
        Limits
    );

    [Theory]
    [InlineData("notifications", "user.alice", "alice")]
    [InlineData("notifications", "user.alice.print.done", "alice")]
    [InlineData("shop", "order.77.bob", "bob")]
    [InlineData("shop", "cart.bob", "bob")]
    public void Route_KeyOfATemplate_GoesToTheUserUnderThatKey(string exchange, string key, string user)
    {
        var route = Assert.IsType<Route.ToUsers>(_router.Route(Deliveries.Of(key, exchange)));

        Assert.Equal([new Recipient(user, key)], route.Recipients);
        Assert.Equal(key, route.Notification.RoutingKey);
    }

    [Theory]
    [InlineData("notifications", "broadcast.all")]
    [InlineData("notifications", "user")]
    [InlineData("notifications", "user.")]
    [InlineData("notifications", "")]
    [InlineData("notifications", "user.*.x")]
    [InlineData("notifications", "user.#")]
    [InlineData("notifications", "users.alice")]
    [InlineData("shop", "order.bob")]
    [InlineData("news", "user.alice")]
    public void Route_AnyOtherKeyOfASource_IsATopic(string exchange, string key)
    {
        var route = Assert.IsType<Route.ToTopic>(_router.Route(Deliveries.Of(key, exchange)));

        Assert.Equal(key, route.Notification.RoutingKey);
    }

    [Fact]
    public void Route_SentBackToWhoHadRejectedIt_GoesToHimAloneAndToNobodyElse()
    {
        Assert.Equal(["alice", "bob"], Recipients("talk.alice.bob", 1));
        Assert.Equal(["bob"], Recipients("talk.alice.bob", Deliveries.LongString("bob")));
        // The templates have changed, or it is a publisher's own header: it is no way to write to others.
        AssertDead(DeadLetterReasons.Unroutable, Redriven("talk.alice.bob", Deliveries.LongString("carol")));
        AssertDead(DeadLetterReasons.Unroutable, Redriven("news", Deliveries.LongString("bob")));

        IEnumerable<string> Recipients(string key, object header) =>
            Assert.IsType<Route.ToUsers>(_router.Route(Redriven(key, header))).Recipients.Select(recipient => recipient.User);

        static RabbitMqDelivery Redriven(string key, object header) => Deliveries.Of(key, "talks", redriven: header);
    }

    [Theory]
    [InlineData("")]
    [InlineData("other")]
    public void Route_ExchangeIsNoSource_IsUnroutable(string exchange) => AssertDead(DeadLetterReasons.Unroutable, Deliveries.Of("user.alice", exchange));

    [Fact]
    public void Route_RecipientsAsList_EachOnceWithTheShortestKey()
    {
        var route = Assert.IsType<Route.ToUsers>(_router.Route(Deliveries.Of("broadcast.x", recipients: Deliveries.LongString("alice, bob,,alice , c.d"))));

        Assert.Equal(
            [new Recipient("alice", "user.alice"), new Recipient("bob", "user.bob"), new Recipient("c.d", $"user.{UserWord.Of("c.d")}")],
            route.Recipients
        );
        Assert.Equal("broadcast.x", route.Notification.RoutingKey);
        Assert.DoesNotContain(route.Notification.Headers, header => header.Name == "x-recipients");
    }

    [Fact]
    public void Route_RecipientsAsArray_TextsAndNumbers()
    {
        object?[] ids = [Deliveries.LongString("a,b"), 42, 5_000_000_000L];

        var route = Assert.IsType<Route.ToUsers>(_router.Route(Deliveries.Of("k", recipients: ids.ToList())));

        Assert.Equal(["a,b", "42", "5000000000"], route.Recipients.Select(recipient => recipient.User));
    }

    [Fact]
    public void Route_RecipientsBesideAUsersKey_HeaderAloneCounts()
    {
        var route = Assert.IsType<Route.ToUsers>(_router.Route(Deliveries.Of("user.alice.x", recipients: Deliveries.LongString("bob"))));

        Assert.Equal([new Recipient("bob", "user.bob")], route.Recipients);
    }

    [Theory]
    [InlineData("shop", "order.-.alice")]
    [InlineData("news", "user.alice")]
    public void Route_RecipientOfAnotherTemplate_KeyIsInsideTheUsersOwnKeys(string exchange, string filterKey)
    {
        var route = Assert.IsType<Route.ToUsers>(_router.Route(Deliveries.Of("k", exchange, recipients: Deliveries.LongString("alice"))));

        Assert.Equal([new Recipient("alice", filterKey)], route.Recipients);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ,")]
    public void Route_RecipientsNameNobody_IsUnroutable(string list) =>
        AssertDead(DeadLetterReasons.Unroutable, Deliveries.Of("k", recipients: Deliveries.LongString(list)));

    [Fact]
    public void Route_MoreRecipientsThanAMessageMayName_IsADeadLetter()
    {
        Assert.Equal(5, Assert.IsType<Route.ToUsers>(_router.Route(Deliveries.Of("k", recipients: Deliveries.LongString("a,b,c,d,e,a")))).Recipients.Count);
        AssertDead(DeadLetterReasons.TooManyRecipients, Deliveries.Of("k", recipients: Deliveries.LongString("a,b,c,d,e,f")));
    }

    [Fact]
    public void Route_RecipientsOfAWrongType_IsMalformed()
    {
        AssertDead(DeadLetterReasons.Malformed, Deliveries.Of("k", recipients: 5));
        AssertDead(DeadLetterReasons.Malformed, Deliveries.Of("k", recipients: new List<object?> { true }));
        AssertDead(DeadLetterReasons.Malformed, Deliveries.Of("k", recipients: new Dictionary<string, object?>()));
        AssertDead(DeadLetterReasons.Malformed, Deliveries.Of("k", recipients: Deliveries.LongString(new string('x', 256))));
    }

    [Fact]
    public void Route_Unreadable_IsADeadLetterWithTheReadersReason() =>
        AssertDead(DeadLetterReasons.TooLarge, Deliveries.Of("user.alice", body: new byte[2000]));

    private void AssertDead(string reason, RabbitMqDelivery delivery) =>
        Assert.Equal(reason, Assert.IsType<Route.ToDeadLetters>(_router.Route(delivery)).Reason);
}
