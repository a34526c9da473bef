using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Connections.Writing;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Tests.Connections.Writing;

/// <summary>A connection that is found to be lost by who writes to it, while others wait for his locks.</summary>
public sealed class WritePumpTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SessionClock _clock = new(new FakeTimeProvider(), NullLogger<SessionClock>.Instance);
    private readonly LostTransport _transport = new();
    private readonly WritePump _pump;
    private readonly Session _session;

    public WritePumpTests()
    {
        var options = new StompOptions();
        var metrics = new ConnectionMetrics(_services.GetRequiredService<IMeterFactory>());
        _pump = new WritePump(_transport, _clock, options.MaxQueuedBytes, metrics);
        _session = new Session(new Output(this), _clock, options, metrics);
    }

    public void Dispose()
    {
        _clock.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Loss_IsNotToldUnderTheLocksOfWhoWrites()
    {
        var gate = new Lock();
        var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
            _pump.Add(OutgoingFrame.Of("RECEIPT"u8.ToArray()), _session, _ => told.SetResult(gate.IsHeldByCurrentThread));
        Assert.False(await told.Task.WaitAsync(Timeout), "it was told under the lock");
        await _pump.Finished.WaitAsync(Timeout);
    }

    [Fact]
    public async Task Loss_WhenASubscriptionOpens_EndsItWhileItsFeedBringsAMessage()
    {
        var feed = new Feed(_session);
        _session.SignIn(new Identity("alice", "/", [], ExpiresAt: null, TokenId: "", IssuedAt: null), StompVersion.V12, default);
        Assert.True(_session.TryAdd(feed));
        feed.Offer(() => { });
        using var hasGate = new ManualResetEventSlim();
        _transport.Failing = () => hasGate.Wait(Timeout);

        var opening = Task.Run(feed.Open);
        await _transport.Sending.WaitAsync(Timeout);
        await Task.Run(() => feed.Offer(hasGate.Set)).WaitAsync(Timeout);

        await opening.WaitAsync(Timeout);
        await feed.Stopped.WaitAsync(Timeout);
    }

    /// <summary>As feeds do, it delivers and stops under one lock.</summary>
    private sealed class Feed(Session session) : Subscription(session, new SubscriptionId("1", "T_1", "id='1'"), AckMode.Auto, window: 1000)
    {
        private readonly Lock _gate = new();
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Stopped => _stopped.Task;

        public void Offer(Action underLock)
        {
            lock (_gate)
            {
                underLock();
                var message = new OutgoingMessage(new Notification { Exchange = "e", RoutingKey = "k" }, isShared: true);
                Deliver(new SubscribedMessage(this, message, Link: null, new Place(1, 1), Dropped: 0, Redelivered: false));
            }
        }

        public override Task RequireAsync(EdgeAuthority authority, Identity identity) => Task.CompletedTask;

        public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Settle(in SubscribedMessage message, SettlementOutcome outcome) { }

        protected override void Stop()
        {
            lock (_gate)
                _stopped.TrySetResult();
        }
    }

    /// <summary>Its client has gone, which is found out by writing.</summary>
    private sealed class LostTransport : ITransport
    {
        private readonly TaskCompletionSource _sending = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when a message is sent.</summary>
        public Task Sending => _sending.Task;

        public Action Failing { get; set; } = () => { };

        public string PeerAddress => PeerAddresses.None;

        public string? HostName => null;

        public Credentials? Credentials { get; set; }

        public int? PeerCloseCode => null;

        public bool CanProbe => false;

        public Action<long>? Answered { get; set; }

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => throw new NotSupportedException();

        public ValueTask SendAsync(ReadOnlyMemory<byte> frame) => throw new TransportException(CloseReasons.ConnectionLost, new IOException());

        public ValueTask SendAsync(PooledBuffer head, EncodedMessage message, long? probe, bool isMore)
        {
            _sending.TrySetResult();
            Failing();
            return SendAsync(head.Written);
        }

        public ValueTask FlushAsync() => throw new NotSupportedException();

        public ValueTask ProbeAsync(long number) => throw new NotSupportedException();

        public ValueTask CloseAsync(CloseReason reason) => throw new NotSupportedException();

        public void Abort() { }
    }

    /// <summary>A connection of which only messages and their loss are looked at.</summary>
    private sealed class Output(WritePumpTests test) : SilentOutput
    {
        public override void Write(in SubscribedMessage message) =>
            test._pump.Add(OutgoingFrame.Of(message), test._session, _ => test._session.Leave(CloseReasons.ConnectionLost, mayProve: false));
    }
}
