using Microsoft.Extensions.Logging.Abstractions;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Queues;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Edge.Tests.Subscriptions;

/// <summary>Feeds whose session ended right before they began, at an edge without silos.</summary>
public sealed class EndedFeedTests : IDisposable
{
    private static readonly SubscriptionId Id = new("1", "T_1", "id='1'");
    private static readonly TopicPattern Pattern = TopicPattern.Parse("news.#");

    private readonly LoneEdge _edge = new();
    private readonly Session _session;

    public EndedFeedTests() => _session = _edge.SignIn(new Output());

    public void Dispose() => _edge.Dispose();

    [Fact]
    public async Task TopicFeed_TakesNothing()
    {
        var services = new TopicServices(_edge.Topics, null!, null!, _edge.Links, _edge.LinkMetrics, TimeProvider.System, NullLogger<TopicReplay>.Instance);
        await BeginEndedAsync(new TopicFeed(_session, Id, AckMode.Auto, "amq.topic", Pattern, prefetch: 1, window: 1, services));
        Assert.Empty(_edge.Topics.Attach(new InterestFeed(NullLogger.Instance)));
    }

    [Fact]
    public async Task DurableTopicFeed_TakesNothing()
    {
        using var durables = new DurableTopics(null!, _edge.Links, _edge.LinksOptions, TimeProvider.System, NullLogger<DurableTopics>.Instance);
        await BeginEndedAsync(
            new DurableTopicFeed(_session, Id, AckMode.Auto, "amq.topic", Pattern, prefetch: 1, window: 1, _edge.Topics, durables, _edge.Links)
        );
        Assert.Empty(_edge.Topics.Attach(new InterestFeed(NullLogger.Instance)));
    }

    [Fact]
    public async Task MailboxFeed_TakesNothing()
    {
        var registrations = _edge.Registrations();
        await BeginEndedAsync(
            new MailboxFeed(
                _session,
                Id,
                AckMode.Auto,
                new MailboxSubscription(1, "alice", "notifications", "user.alice.#", MaxMessages: 1, MaxBytes: 1, Lane: 0),
                registrations
            )
        );
        Assert.Null(registrations.Find(1));
    }

    [Fact]
    public async Task QueueFeed_TakesNothing()
    {
        var queues = new QueueTable(null!, _edge.Links, _edge.LinksOptions, _edge.LinkMetrics, TimeProvider.System, NullLogger<QueueTable>.Instance);
        var description = new QueueSubscription(
            "edge",
            Id: 1,
            Registration: 0,
            _session.Id,
            "alice",
            Declaration: null,
            Binding: null,
            Consumes: true,
            Prefetch: 1,
            MaxBytes: 1,
            Lane: 0,
            Arguments: []
        );
        await BeginEndedAsync(new QueueFeed(_session, Id, AckMode.Auto, "jobs", description, new QueueAccess("jobs"), queues));
        Assert.Null(queues.Find(1));
    }

    /// <summary>As SUBSCRIBE and SEND do.</summary>
    private async Task BeginEndedAsync(Subscription feed)
    {
        Assert.True(_session.TryAdd(feed));
        _session.Leave(CloseReasons.ConnectionLost, mayProve: false);
        try
        {
            await _session.StartAsync(feed, new CancellationToken(canceled: true));
        }
        catch (ClusterUnavailableException)
        {
            // Those that ask a silo first.
        }
    }

    private sealed class Output : SilentOutput;
}
