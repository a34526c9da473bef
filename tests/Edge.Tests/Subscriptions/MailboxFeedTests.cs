using Microsoft.Extensions.Logging.Abstractions;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Edge.Tests.Subscriptions;

/// <summary>What of a mailbox's window counts as used.</summary>
public sealed class MailboxFeedTests : IDisposable
{
    private readonly LoneEdge _edge = new();
    private readonly Output _output = new();
    private readonly Session _session;
    private readonly MailboxFeed _feed;

    public MailboxFeedTests()
    {
        _session = _edge.SignIn(_output);
        _feed = new MailboxFeed(
            _session,
            new SubscriptionId("1", "T_1", "id='1'"),
            AckMode.Client,
            new MailboxSubscription(1, "alice", "notifications", "user.alice.#", MaxMessages: 4, MaxBytes: 1000, Lane: 0),
            _edge.Registrations()
        );
        _feed.Open();
    }

    public void Dispose() => _edge.Dispose();

    [Fact]
    public void Message_ThatWaitedWhenItsLinkWasLost_IsNotOnItsWay()
    {
        var link = new Link("silo", 1, null!, null!, null!, _edge.LinksOptions.Value, _edge.LinkMetrics, TimeProvider.System, NullLogger.Instance);
        for (var i = 0; i < 4; i++)
            _feed.Offer(
                new MailboxPush(
                    1,
                    "alice",
                    1,
                    new Place(1, i),
                    Redelivered: false,
                    Dropped: 0,
                    new Notification { Exchange = "notifications", RoutingKey = "user.alice" }
                ),
                link
            );
        Assert.True(_feed.IsHalfFull, "what waits does not count");
        Assert.True(_session.TryBegin(_output.Written[0], out _));

        link.Lose();

        foreach (var message in _output.Written.Skip(1))
            Assert.False(_session.TryBegin(message, out _), "it is written though its silo offers it again");
        Assert.False(_feed.IsHalfFull, "what is not written counts for ever");
    }

    /// <summary>A connection that writes nothing yet.</summary>
    private sealed class Output : SilentOutput
    {
        public List<SubscribedMessage> Written { get; } = [];

        public override void Write(in SubscribedMessage message) => Written.Add(message);
    }
}
