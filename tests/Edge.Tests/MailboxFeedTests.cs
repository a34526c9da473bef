using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Tests;

/// <summary>What of a mailbox's window counts as used.</summary>
public sealed class MailboxFeedTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SessionClock _clock = new(new FakeTimeProvider(), NullLogger<SessionClock>.Instance);
    private readonly Output _output = new();
    private readonly LinkTable _links;
    private readonly Session _session;
    private readonly MailboxFeed _feed;

    public MailboxFeedTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        var options = Options.Create(new LinksOptions());
        _links = new LinkTable(new EdgeIdentity(options), new TopicTable(), options, new LinkMetrics(meters), TimeProvider.System, NullLogger<SiloLink>.Instance);
        _session = new Session(_output, _clock, new StompOptions(), new ConnectionMetrics(meters));
        _session.SignIn(new Identity("alice", "/", [], ExpiresAt: null, TokenId: "", IssuedAt: null), StompVersion.V12, default);
        _feed = new MailboxFeed(
            _session,
            new SubscriptionId("1", "T_1", "id='1'"),
            AckMode.Client,
            new MailboxSubscription(1, "alice", "notifications", "user.alice.#", MaxMessages: 4, MaxBytes: 1000, Lane: 0),
            new RegistrationTable(null!, _links));
        _feed.Open();
    }

    public void Dispose()
    {
        _clock.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Message_ThatWaitedWhenItsLinkWasLost_IsNotOnItsWay()
    {
        var link = new Link("silo", 1, null!, null!, null!, _links.Options, _links.Metrics, TimeProvider.System, NullLogger.Instance);
        for (var i = 0; i < 4; i++)
            _feed.Offer(new MailboxPush(1, "alice", 1, new Place(1, i), Redelivered: false, Dropped: 0, new Notification { Exchange = "notifications", RoutingKey = "user.alice" }), link);
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
