using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Ingress;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Testing;
using Orleans.Configuration;

namespace NotifyOrleans.Edge.Tests.Silos;

/// <summary>
/// A real Orleans silo whose grains do what a test says: it keeps what the edge tells it, and pushes what the test wants, right or wrong.
/// It outlives its host: after <see cref="StopAsync"/> it can be started again at the same address.
/// </summary>
public sealed class ScriptedSilo : IAsyncDisposable
{
    private static readonly TimeSpan PushTimeout = TimeSpan.FromSeconds(60);

    private readonly int _siloPort = FreePort.Next();
    private readonly ConcurrentDictionary<long, ScriptedLink> _links = new();
    private IHost? _host;
    private long _lastLink;
    private long _lastNumber;
    private long _lastTopic;
    private int _interestAnswers;

    public int GatewayPort { get; } = FreePort.Next();

    /// <summary>The sources that links are welcomed with.</summary>
    public SourceDescription[] Sources { get; set; } = [new("notifications", ["user.{user}.#"]), new("amq.topic", [])];

    /// <summary>The epoch of all shards.</summary>
    public long Epoch { get; set; } = 1;

    /// <summary>The shards that beats tell of, with their epochs; a new array is a new version.</summary>
    public HostedShard[] HostedShards { get; set; } = [];

    /// <summary>Answers beats with "unknown link" while it is set.</summary>
    public bool ForgetsLinks { get; set; }

    /// <summary>While it is set, registering fails as if the shard's silo had died.</summary>
    public bool RefusesToRegister { get; set; }

    /// <summary>The number of the link over which registrations are said to be made; by default that of the newest.</summary>
    public Func<long> LinkOfRegistrations { get; set; }

    /// <summary>While it is set, ending a durable subscription fails so.</summary>
    public bool RefusesToForget { get; set; }

    /// <summary>Mailboxes whose durable subscriptions were ended.</summary>
    public ConcurrentQueue<string> Forgotten { get; } = new();

    /// <summary>Which durable subscriptions of a registration are refused and which are postponed; none by default.</summary>
    public Func<RegisterRequest, (long[]? Refused, long[]? Postponed)> AnswerDurables { get; set; } = _ => default;

    /// <summary>Which durable subscriptions of a registration have ended; none by default.</summary>
    public Func<RegisterRequest, long[]?> EndedDurables { get; set; } = _ => null;

    /// <summary>Who bears a token; by default the token <c>token-USER</c> is good for USER.</summary>
    public Func<UserQuestion, UserAnswer> Authenticate { get; set; } =
        question =>
            question.Password is { } token
            && token.StartsWith("token-", StringComparison.Ordinal)
            && (question.Username is null or "" || token == $"token-{question.Username}")
                ? new UserAnswer(true, token["token-".Length..], [], null)
                : UserAnswer.Denied;

    /// <summary>What the answer to a sign-in waits for, when it is known; by default nothing.</summary>
    public Func<UserQuestion, Task> HoldSignIn { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the answer to a question about a resource waits for, when it is known; by default nothing.</summary>
    public Func<ResourceQuestion, Task> HoldResource { get; set; } = _ => Task.CompletedTask;

    /// <summary>What is revoked, with rising numbers.</summary>
    public ConcurrentQueue<Revocation> Revocations { get; } = new();

    /// <summary>Revocations of tokens that were issued before are forgotten; null = nothing is.</summary>
    public DateTimeOffset? ForgottenBefore { get; set; }

    /// <summary>Tells the rules in force from others.</summary>
    public string Rules { get; set; } = "first";

    /// <summary>By default everybody enters.</summary>
    public Func<VhostQuestion, bool> AuthorizeVhost { get; set; } = _ => true;

    /// <summary>By default everybody may write to every exchange but <c>private</c>.</summary>
    public Func<ResourceQuestion, bool> AuthorizeResource { get; set; } = question => question.Name != "private";

    /// <summary>
    /// By default everybody writes what does not begin with <c>private</c>, and reads his own keys, <c>broadcast.#</c>, <c>topic.#</c> and <c>check.#</c>.
    /// </summary>
    public Func<TopicQuestion, bool> AuthorizeTopic { get; set; } =
        question =>
            question.Permission == Permission.Write
                ? !question.RoutingKey.StartsWith("private", StringComparison.Ordinal)
                : new[] { $"user.{question.Username}.#", "broadcast.#", "topic.#", "check.#" }.Any(allowed =>
                    TopicPattern.Parse(question.RoutingKey).IsInside(TopicPattern.Parse(allowed))
                );

    public ConcurrentQueue<RegisterRequest> Registrations { get; } = new();

    public ConcurrentQueue<UnregisterRequest> Unregistrations { get; } = new();

    public ConcurrentQueue<Settlement> Settlements { get; } = new();

    /// <summary>What is heard of patterns is answered when it is completed.</summary>
    public Task ChangingInterest { get; set; } = Task.CompletedTask;

    /// <summary>How often that was answered.</summary>
    public int InterestAnswers => Volatile.Read(ref _interestAnswers);

    /// <summary>Settlements are heard when it is completed.</summary>
    public Task Settling { get; set; } = Task.CompletedTask;

    /// <summary>
    /// What a queue answers to a subscription, or, without one, to another request. By default there is no queue, as a hostile frame may name one.
    /// </summary>
    public Func<QueueSubscription?, Task<QueueReply>> AnswerQueue { get; set; }

    /// <summary>Subscriptions to queues, with the queue's name.</summary>
    public ConcurrentQueue<(string Queue, QueueSubscription Subscription)> QueueSubscriptions { get; } = new();

    /// <summary>Subscriptions to queues that the edge has said to have ended.</summary>
    public ConcurrentQueue<EndedQueue> EndedQueues { get; } = new();

    public ConcurrentQueue<VhostQuestion> VhostQuestions { get; } = new();

    /// <summary>What edges have subscribers for.</summary>
    public ConcurrentDictionary<TopicInterest, byte> Interests { get; } = new();

    /// <summary>Topic subscriptions that the edge has said to be lost.</summary>
    public ConcurrentQueue<LostTopic> LostTopics { get; } = new();

    /// <summary>What the edge has asked the log.</summary>
    public ConcurrentQueue<TopicQuery> TopicQueries { get; } = new();

    /// <summary>What a user's next topic subscription follows; by default nothing.</summary>
    public Func<string, LostTopic?> TakeLostTopic { get; set; } = _ => null;

    /// <summary>What the log answers; by default it is empty.</summary>
    public Func<TopicQuery, TopicPage> ReadTopics { get; set; } = query => new TopicPage([], 0, query.After, IsEnd: true);

    /// <summary>What is retained; by default nothing.</summary>
    public Func<RetainedQuery, RetainedPage> ReadRetained { get; set; } = _ => new RetainedPage([], 0, IsEnd: true);

    /// <summary>How far a durable subscription has come, when a session takes it up; null when there is none.</summary>
    public Func<DurableTopic, DurableOpening?> TakeUpDurable { get; set; } = _ => null;

    /// <summary>What the durable logs answer.</summary>
    public Func<DurableQuery, DurablePage> ReadDurable { get; set; } = query => new DurablePage([], 0, query.After, IsEnd: true);

    /// <summary>Durable logs are read when it is completed.</summary>
    public Task ReadingDurable { get; set; } = Task.CompletedTask;

    /// <summary>What the edge has asked the durable logs.</summary>
    public ConcurrentQueue<DurableQuery> DurableQueries { get; } = new();

    /// <summary>How far the edge has said that sessions have come.</summary>
    public ConcurrentQueue<DurableProgress> SavedDurable { get; } = new();

    public ConcurrentQueue<DurableTopic> BegunDurable { get; } = new();

    /// <summary>Whether a user has no room for a durable topic subscription.</summary>
    public Func<DurableTopic, bool> RefusesDurable { get; set; } = _ => false;

    /// <summary>Subscriptions that there are not any more.</summary>
    public ConcurrentQueue<long> EndedDurable { get; } = new();

    /// <summary>The number of the newest topic message.</summary>
    public long LastTopic => Volatile.Read(ref _lastTopic);

    /// <summary>How far the edge has come in topics, as it said when it opened its last link.</summary>
    public long[]? Had { get; private set; }

    /// <summary>How many links were opened.</summary>
    public long OpenedLinks => Volatile.Read(ref _lastLink);

    /// <summary>The link that was opened last.</summary>
    public ScriptedLink Link => Newest ?? throw new InvalidOperationException("No link was opened");

    public string Name { get; private set; } = "";

    public ScriptedSilo()
    {
        LinkOfRegistrations = () => Link.Number;
        AnswerQueue = _ => Task.FromResult(new QueueReply(Name, Link: 0, new QueueRefusal(404, "NOT_FOUND - no queue")));
    }

    public static async Task<ScriptedSilo> StartNewAsync()
    {
        var silo = new ScriptedSilo();
        await silo.StartAsync();
        return silo;
    }

    public async Task StartAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(this);
        builder.UseOrleans(silo =>
            silo.UseLocalhostClustering(_siloPort, GatewayPort, serviceId: "notify-orleans", clusterId: "notify")
                .Configure<EndpointOptions>(endpoints => endpoints.AdvertisedIPAddress = IPAddress.Loopback)
        );
        _host = builder.Build();
        await _host.StartAsync();
        Name = _host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();
    }

    /// <summary>Ends the silo without a word to its clients' links: what it knew is lost.</summary>
    public async Task StopAsync()
    {
        if (_host is null)
            return;
        using var impatience = new CancellationTokenSource(TimeSpan.Zero);
        await _host.StopAsync(impatience.Token);
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
        _host = null;
        _links.Clear();
        Interests.Clear();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>
    /// Pushes a message to a subscription over the link that was opened last; when the edge has just given it up, as over one that is not known.
    /// </summary>
    public async Task<PushReply> PushAsync(MailboxSubscription subscription, Notification notification, Action<PushDraft>? change = null)
    {
        if (Newest is not { } link)
            return PushReply.UnknownLink;
        var draft = new PushDraft
        {
            Subscription = subscription.Id,
            User = subscription.User,
            ShardEpoch = Epoch,
            Place = new Place(Epoch, Interlocked.Increment(ref _lastNumber)),
        };
        change?.Invoke(draft);
        var push = new MailboxPush(draft.Subscription, draft.User, draft.ShardEpoch, draft.Place, draft.Redelivered, draft.Dropped, notification, draft.IsEnd);
        return await link.SendAsync(subscription.Lane, [push], []).WaitAsync(PushTimeout);
    }

    /// <summary>Pushes a topic message over the link that was opened last.</summary>
    public Task<PushReply> PushAsync(Notification notification) => PushAsync(notification, Interlocked.Increment(ref _lastTopic));

    /// <summary>Pushes a topic message under a number of the test's.</summary>
    public Task<PushReply> PushAsync(Notification notification, long number) =>
        Link.SendAsync(0, [], [new TopicPush(false, notification, number)]).WaitAsync(PushTimeout);

    /// <summary>Pushes a topic message that is retained.</summary>
    public Task<PushReply> PushRetainedAsync(Notification notification, long version) =>
        Link.SendAsync(0, [], [new TopicPush(false, notification, Interlocked.Increment(ref _lastTopic), Retained: version)]).WaitAsync(PushTimeout);

    /// <summary>Pushes topic messages and what else a batch can have over the link that was opened last.</summary>
    public Task<PushReply> PushAsync(LogPosition[] marks, bool hasDroppedTopics, params (Notification Notification, LogPosition? Stored)[] topics) =>
        Link.SendAsync(
                new PushBatch
                {
                    Silo = Name,
                    Link = Link.Number,
                    Lane = 0,
                    Sequence = Link.NextSequence(0),
                    Mailbox = [],
                    Topics = [.. topics.Select(topic => new TopicPush(false, topic.Notification, Interlocked.Increment(ref _lastTopic), topic.Stored))],
                    Marks = marks,
                    HasDroppedTopics = hasDroppedTopics,
                }
            )
            .WaitAsync(PushTimeout);

    /// <summary>Says over the link that was opened last that topic messages were dropped.</summary>
    public Task<PushReply> DropAsync(DroppedTopics dropped) =>
        Link.SendAsync(
                new PushBatch
                {
                    Silo = Name,
                    Link = Link.Number,
                    Lane = 0,
                    Sequence = Link.NextSequence(0),
                    Mailbox = [],
                    Topics = [],
                    HasDroppedTopics = true,
                    DroppedTopics = dropped,
                }
            )
            .WaitAsync(PushTimeout);

    /// <summary>The number of a topic message that the edge is not pushed.</summary>
    public long SkipTopic() => Interlocked.Increment(ref _lastTopic);

    /// <summary>Pushes what has become of a subscription to a queue over the link that was opened last.</summary>
    public Task<PushReply> PushAsync(QueueSubscription subscription, QueuePushKind kind) =>
        Link.SendAsync(
                new PushBatch
                {
                    Silo = Name,
                    Link = Link.Number,
                    Lane = subscription.Lane,
                    Sequence = Link.NextSequence(subscription.Lane),
                    Mailbox = [],
                    Topics = [],
                    Queues =
                    [
                        new QueuePush(
                            subscription.Id,
                            subscription.User,
                            kind,
                            new Place(subscription.Registration, 0),
                            Redelivered: false,
                            Notification: null
                        ),
                    ],
                }
            )
            .WaitAsync(PushTimeout);

    /// <summary>Waits until a user's subscription is registered, and returns the newest.</summary>
    public async Task<MailboxSubscription> RegisteredAsync(string user)
    {
        MailboxSubscription? found = null;
        await Wait.Until(
            () => (found = Registrations.SelectMany(request => request.Subscriptions).LastOrDefault(subscription => subscription.User == user)) is not null,
            $"a registration of {user}"
        );
        return found!;
    }

    /// <summary>What is settled of a user's messages so far.</summary>
    public Settlement[] SettledOf(string user) => [.. Settlements.Where(settlement => settlement.User == user)];

    /// <summary>Waits until so many messages of a user are settled, and returns all that are.</summary>
    public async Task<Settlement[]> SettledAsync(string user, int count)
    {
        await Wait.Until(() => SettledOf(user).Length >= count, () => $"{count} settlements of {user}; there are {SettledOf(user).Length}");
        return SettledOf(user);
    }

    /// <summary>What the edge has said so far of a user's subscriptions that have ended.</summary>
    public UserSubscription[] UnregisteredOf(string user) => [.. Unregistrations.SelectMany(request => request.Subscriptions).Where(gone => gone.User == user)];

    /// <summary>Waits until a subscription has ended, and returns what was said of it.</summary>
    public async Task<UserSubscription> UnregisteredAsync(MailboxSubscription subscription)
    {
        bool IsIt(UserSubscription gone) => gone.Id == subscription.Id;
        await Wait.Until(() => UnregisteredOf(subscription.User).Any(IsIt), $"the end of subscription {subscription.Id} of {subscription.User}");
        return UnregisteredOf(subscription.User).First(IsIt);
    }

    private ScriptedLink? Newest => _links.Values.MaxBy(link => link.Number);

    internal LinkWelcome Open(LinkHello hello)
    {
        Had = hello.Topics;
        var link = new ScriptedLink(Name, Interlocked.Increment(ref _lastLink), hello.Lanes);
        _links.Clear();
        _links[link.Number] = link;
        foreach (var interest in hello.Interests)
            Interests[interest] = 0;
        return new LinkWelcome(link.Number, Sources, LastTopic);
    }

    internal bool Knows(long link) => !ForgetsLinks && _links.ContainsKey(link);

    public bool HasLink => !_links.IsEmpty;

    internal void OnInterestAnswered() => Interlocked.Increment(ref _interestAnswers);

    internal void Close(long link) => _links.TryRemove(link, out _);
}
