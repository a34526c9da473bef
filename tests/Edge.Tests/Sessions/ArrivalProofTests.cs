using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Sessions;

/// <summary>When a client is asked for proof, by a clock of the test's own.</summary>
public sealed class ArrivalProofTests : IDisposable
{
    private readonly LoneEdge _edge = new();
    private readonly Output _output = new();
    private readonly Session _session;

    public ArrivalProofTests() => _session = _edge.SignIn(_output);

    public void Dispose() => _edge.Dispose();

    [Theory]
    [InlineData(false, 250)]
    [InlineData(true, 1000)]
    public void Messages_OfOneKind_AreAskedForAtOnceAndThenOnceInAnInterval(bool lossy, int interval)
    {
        var feed = new Feed(_session, lossy);
        Assert.True(IsAsked(feed), "the first is not asked for");
        Answer();

        _edge.Time.Advance(TimeSpan.FromMilliseconds(interval - 1));
        Assert.False(IsAsked(feed), "it is asked again too early");
        _edge.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(IsAsked(feed), "it is not asked again");
    }

    [Fact]
    public void MessageThatIsKeptForTheClient_BesideLiveTopics_IsAskedForAsSoonAsByItself()
    {
        var topic = new Feed(_session, lossy: true);
        Assert.True(IsAsked(topic), "the first is not asked for");
        Answer();
        Assert.False(IsAsked(topic), "a topic message is asked for too early");
        Assert.Equal(1000, _output.Woken);

        Assert.False(IsAsked(new Feed(_session, lossy: false)), "the other is asked for too early");
        Assert.Equal(250, _output.Woken);
        _edge.Time.Advance(TimeSpan.FromMilliseconds(250));
        _session.Arrivals.OnDue(_edge.Clock.Now);
        Assert.Equal(1, _output.Probes);
    }

    private bool IsAsked(Feed feed)
    {
        var message = new SubscribedMessage(
            feed,
            new OutgoingMessage(new Notification { Exchange = "e", RoutingKey = "k" }),
            Link: null,
            new Place(1, 1),
            Dropped: 0,
            Redelivered: false
        );
        _session.Arrivals.Begin(message);
        return _session.Arrivals.TryProbe(isFlushed: true, out _output.Asked);
    }

    private void Answer()
    {
        _session.Arrivals.OnAnswer(_output.Asked);
        Assert.Equal(0, _session.Arrivals.Count);
    }

    private sealed class Feed(Session session, bool lossy) : Subscription(session, new SubscriptionId("1", "T_1", "id='1'"), AckMode.Auto, window: 1000)
    {
        public override bool IsLossy => lossy;

        public override Task RequireAsync(EdgeAuthority authority, Identity identity) => Task.CompletedTask;

        public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Settle(in SubscribedMessage message, SettlementOutcome outcome) { }

        protected override void Stop() { }
    }

    /// <summary>A connection of which only what is asked is looked at.</summary>
    private sealed class Output : SilentOutput
    {
        public long Asked;

        public int Probes { get; private set; }

        /// <summary>When the session is next looked at.</summary>
        public long Woken { get; private set; } = SessionClock.Never;

        public override bool CanProbe => true;

        public override void Probe() => Probes++;

        public override void WakeAt(long due) => Woken = due;
    }
}
