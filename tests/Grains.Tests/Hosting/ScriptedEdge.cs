using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>An edge whose every answer the test decides: a real Orleans client with one lane.</summary>
internal sealed class ScriptedEdge : IDeliveryObserver, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly string _silo;
    private readonly SortedDictionary<long, PushBatch> _batches = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _opening = new(1);
    private IDeliveryObserver _reference = null!;
    private long _lastSubscription;

    private ScriptedEdge(IHost host, string silo)
    {
        _host = host;
        _silo = silo;
    }

    public string Name { get; } = "edge-" + Guid.NewGuid().ToString("N")[..8];

    public long Link { get; private set; }

    /// <summary>When set, a push is answered by it; null answers are acceptance.</summary>
    public Func<PushBatch, Task<PushReply>>? OnPush { get; set; }

    /// <summary>Mailbox messages in the order of the batches' numbers, each batch once.</summary>
    public IReadOnlyList<MailboxPush> Received
    {
        get
        {
            lock (_batches)
                return [.. _batches.Values.SelectMany(batch => batch.Mailbox)];
        }
    }

    public IReadOnlyList<TopicPush> Topics
    {
        get
        {
            lock (_batches)
                return [.. _batches.Values.SelectMany(batch => batch.Topics)];
        }
    }

    /// <summary>What queues have for their subscriptions, in order.</summary>
    public IReadOnlyList<QueuePush> Queues
    {
        get
        {
            lock (_batches)
                return [.. _batches.Values.SelectMany(batch => batch.Queues)];
        }
    }

    /// <summary>How far durable logs have come, as batches said.</summary>
    public IReadOnlyList<LogPosition> Marks
    {
        get
        {
            lock (_batches)
                return [.. _batches.Values.SelectMany(batch => batch.Marks)];
        }
    }

    /// <summary>Whether a batch has said that topic messages were dropped.</summary>
    public bool HasDroppedTopics
    {
        get
        {
            lock (_batches)
                return _batches.Values.Any(batch => batch.HasDroppedTopics);
        }
    }

    /// <summary>The batches in the order of their numbers, each once.</summary>
    public IReadOnlyList<PushBatch> Batches
    {
        get
        {
            lock (_batches)
                return [.. _batches.Values];
        }
    }

    private IGrainFactory Grains => _host.Services.GetRequiredService<IClusterClient>();

    private ILinkGrain LinkGrain => Grains.GetGrain<ILinkGrain>(LinkKey.Of(_silo, Name));

    public static async Task<ScriptedEdge> StartAsync(TestSilo silo, params TopicInterest[] interests)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client => client.UseLocalhostClustering(silo.GatewayPort, serviceId: "tests", clusterId: "tests"));
        var host = builder.Build();
        await host.StartAsync();
        var silos = await host.Services.GetRequiredService<IClusterClient>().GetGrain<ISiloDirectoryGrain>(0).GetSilosAsync();
        var edge = new ScriptedEdge(host, Assert.Single(silos));
        edge._reference = edge.Grains.CreateObjectReference<IDeliveryObserver>(edge);
        await edge.OpenAsync(interests);
        _ = edge.BeatAsync();
        return edge;
    }

    public Task OpenAsync(params TopicInterest[] interests) => OpenAsync(had: null, interests);

    /// <param name="had">The number up to which it has had topic messages; null when it says that it has had no link before.</param>
    /// <param name="interests">What it has subscribers for.</param>
    public async Task OpenAsync(long? had, params TopicInterest[] interests)
    {
        // The silo may push before its welcome is here.
        await _opening.WaitAsync();
        try
        {
            var welcome = await LinkGrain.OpenAsync(new LinkHello([_reference], interests, had is { } number ? [number] : null));
            Assert.Equal("notifications", Assert.Single(welcome.Sources).Exchange);
            Link = welcome.Link;
            lock (_batches)
                _batches.Clear();
        }
        finally
        {
            _opening.Release();
        }
    }

    public async Task<RegisterReply> RegisterAsync(
        string user,
        long id,
        string pattern = "",
        int maxMessages = 1000,
        int maxBytes = 1 << 20,
        string exchange = "notifications",
        long lastEpoch = 0
    ) =>
        await Grains
            .GetGrain<IShardGrain>(ShardMap.ShardOf(user))
            .RegisterAsync(
                new RegisterRequest(
                    Name,
                    [new MailboxSubscription(id, user, exchange, pattern.Length > 0 ? pattern : $"user.{user}.#", maxMessages, maxBytes, 0, lastEpoch)]
                )
            );

    /// <returns>The subscription's number.</returns>
    public async Task<long> SubscribeAsync(string user, string pattern = "", int maxMessages = 1000, int maxBytes = 1 << 20)
    {
        var id = Interlocked.Increment(ref _lastSubscription);
        Assert.Equal(Link, (await RegisterAsync(user, id, pattern, maxMessages, maxBytes)).Link);
        return id;
    }

    public Task UnsubscribeAsync(string user, long subscription) =>
        Grains.GetGrain<IShardGrain>(ShardMap.ShardOf(user)).UnregisterAsync(new UnregisterRequest(Name, [new UserSubscription(user, subscription)]));

    /// <summary>The client has ended a durable subscription.</summary>
    public Task ForgetAsync(string mailbox) => Grains.GetGrain<IShardGrain>(ShardMap.ShardOf(mailbox)).ForgetAsync(mailbox);

    /// <summary>The subscription's session has gone without a goodbye.</summary>
    public Task LoseAsync(string user, params long[] subscriptions) =>
        Grains
            .GetGrain<IShardGrain>(ShardMap.ShardOf(user))
            .UnregisterAsync(new UnregisterRequest(Name, [.. subscriptions.Select(id => new UserSubscription(user, id, Lost: true))]));

    public Task SettleAsync(MailboxPush push, SettlementOutcome outcome = SettlementOutcome.Settled) => SettleAsync((push, outcome));

    public Task SettleAsync(IEnumerable<MailboxPush> pushes) => SettleAsync([.. pushes.Select(push => (push, SettlementOutcome.Settled))]);

    /// <summary>Settles all of them with one call.</summary>
    public Task SettleAsync(params (MailboxPush Push, SettlementOutcome Outcome)[] pushes) =>
        LinkGrain.SettleAsync(
            Link,
            [.. pushes.Select(settled => new Settlement(settled.Push.User, settled.Push.Subscription, settled.Push.Place, settled.Outcome))]
        );

    /// <summary>Subscribes to a queue; all but what is given as for a session of alice.</summary>
    public Task<QueueReply> ConsumeAsync(string queue, Func<QueueSubscription, QueueSubscription>? change = null)
    {
        var subscription = new QueueSubscription(
            Name,
            Interlocked.Increment(ref _lastSubscription),
            1,
            "session-1",
            "alice",
            Declaration: null,
            Binding: null,
            Consumes: true,
            Prefetch: 100,
            MaxBytes: 1 << 20,
            Lane: 0,
            Arguments: []
        );
        return Grains.GetGrain<IBrokerQueueGrain>(queue).SubscribeAsync(change?.Invoke(subscription) ?? subscription);
    }

    public Task SettleAsync(QueuePush push, SettlementOutcome outcome = SettlementOutcome.Settled) =>
        LinkGrain.SettleAsync(Link, [new Settlement("", push.Subscription, push.Place, outcome)]);

    public Task EndAsync(QueuePush push) => EndAsync(push.Subscription, push.Place.Epoch);

    public Task EndAsync(long subscription, long registration) => LinkGrain.EndQueuesAsync(Link, [new EndedQueue(subscription, registration)]);

    public Task CloseAsync() => LinkGrain.CloseAsync(Link);

    public Task ChangeInterestAsync(TopicInterest[] added, TopicInterest[] removed) => LinkGrain.ChangeInterestAsync(Link, added, removed);

    public Task<LinkBeat> BeatOnceAsync(long shardsVersion = 0) => LinkGrain.BeatAsync(Link, shardsVersion);

    /// <summary>Falls silent without a word, as an edge that was killed.</summary>
    public Task VanishAsync() => _stop.CancelAsync();

    public async Task<PushReply> PushAsync(PushBatch batch)
    {
        if (OnPush is { } answer && await answer(batch) is var reply && reply != PushReply.Accepted)
            return reply;
        await _opening.WaitAsync();
        _opening.Release();
        if (batch.Link != Link)
            return PushReply.UnknownLink;
        lock (_batches)
            _batches.TryAdd(batch.Sequence, batch);
        return PushReply.Accepted;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _host.StopAsync();
        _host.Dispose();
        _stop.Dispose();
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                await BeatOnceAsync();
        }
        catch (Exception)
        {
            // The silo or the test has ended.
        }
    }
}
