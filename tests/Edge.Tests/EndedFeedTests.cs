using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Tests;

/// <summary>Feeds whose session ended right before they began, at an edge without silos.</summary>
public sealed class EndedFeedTests : IDisposable
{
    private static readonly SubscriptionId Id = new("1", "T_1", "id='1'");
    private static readonly TopicPattern Pattern = TopicPattern.Parse("news.#");

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SessionClock _clock = new(new FakeTimeProvider(), NullLogger<SessionClock>.Instance);
    private readonly TopicTable _topics = new();
    private readonly LinkTable _links;
    private readonly RegistrationTable _registrations;
    private readonly Session _session;

    public EndedFeedTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        var options = Options.Create(new LinksOptions());
        _links = new LinkTable(new EdgeIdentity(options), _topics, options, new LinkMetrics(meters), TimeProvider.System, NullLogger<SiloLink>.Instance);
        _registrations = new RegistrationTable(null!, _links);
        _session = new Session(new Output(), _clock, new StompOptions(), new ConnectionMetrics(meters));
        _session.SignIn(new Identity("alice", "/", [], ExpiresAt: null, TokenId: "", IssuedAt: null), StompVersion.V12, default);
    }

    public void Dispose()
    {
        _clock.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task TopicFeed_TakesNothing()
    {
        await BeginEndedAsync(new TopicFeed(_session, Id, AckMode.Auto, "amq.topic", Pattern, prefetch: 1, window: 1, _topics, null!, null!, _links));
        Assert.Empty(_topics.Attach(new InterestFeed(TimeProvider.System, NullLogger.Instance)));
    }

    [Fact]
    public async Task DurableTopicFeed_TakesNothing()
    {
        using var durables = new DurableTopics(null!, _links);
        await BeginEndedAsync(new DurableTopicFeed(_session, Id, AckMode.Auto, "amq.topic", Pattern, prefetch: 1, window: 1, _topics, durables, _links));
        Assert.Empty(_topics.Attach(new InterestFeed(TimeProvider.System, NullLogger.Instance)));
    }

    [Fact]
    public async Task MailboxFeed_TakesNothing()
    {
        await BeginEndedAsync(new MailboxFeed(_session, Id, AckMode.Auto, new MailboxSubscription(1, "alice", "notifications", "user.alice.#", MaxMessages: 1, MaxBytes: 1, Lane: 0), _registrations));
        Assert.Null(_registrations.Find(1));
    }

    /// <summary>As SUBSCRIBE does.</summary>
    private async Task BeginEndedAsync(Subscription feed)
    {
        Assert.True(_session.TryAdd(feed));
        _session.Leave(CloseReasons.ConnectionLost, mayProve: false);
        await Assert.ThrowsAsync<ClusterUnavailableException>(() => feed.StartAsync(new CancellationToken(canceled: true)));
        _session.Remove(feed);
    }

    private sealed class Output : SilentOutput;
}
