using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Connections.Writing;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Connections;

/// <summary>What becomes of the last messages when reading ends before writing has.</summary>
public sealed class ConnectionEndTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly LoneEdge _edge = new();

    public void Dispose() => _edge.Dispose();

    [Fact]
    public async Task Disconnect_OfAClientThatIsGoneWhileItsLastMessageIsWritten_SettlesWhatHasArrived()
    {
        var transport = new SlowTransport();
        var connection = new Connection(transport, _edge.Connections);
        LoneEdge.SignIn(connection.Session);
        var feed = new Feed(connection.Session);
        Assert.True(connection.Session.TryAdd(feed));
        feed.Open();
        var run = Task.Run(connection.RunAsync);
        // The first is asked about at once, and the second not for a while.
        feed.Offer();
        await transport.SendingAsync();
        transport.Release();
        feed.Offer();
        await transport.SendingAsync();

        connection.Session.Disconnect(receiptId: null);
        // By a thread of the pool, which does what comes behind it too.
        await Task.Run(transport.EndReading);
        Assert.Null(feed.SettledAtTheEnd);
        transport.Release();
        await run.WaitAsync(Timeout);

        Assert.Equal(2, feed.SettledAtTheEnd);
    }

    private sealed class Feed(Session session) : Subscription(session, new SubscriptionId("1", "T_1", "id='1'"), AckMode.Auto, window: 1000)
    {
        private int _settled;

        public int? SettledAtTheEnd { get; private set; }

        public void Offer() =>
            Deliver(
                new SubscribedMessage(
                    this,
                    new OutgoingMessage(new Notification { Exchange = "e", RoutingKey = "k" }),
                    Link: null,
                    new Place(1, 1),
                    Dropped: 0,
                    Redelivered: false
                )
            );

        public override Task RequireAsync(EdgeAuthority authority, Identity identity) => Task.CompletedTask;

        public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Settle(in SubscribedMessage message, SettlementOutcome outcome) => Interlocked.Increment(ref _settled);

        protected override void Stop() => SettledAtTheEnd = _settled;
    }

    /// <summary>Its client's side answers every probe at once; messages leave when the test lets them.</summary>
    private sealed class SlowTransport : ITransport
    {
        private readonly SemaphoreSlim _sending = new(0);
        private readonly SemaphoreSlim _released = new(0);
        private readonly TaskCompletionSource<int> _reading = new();

        public string PeerAddress => PeerAddresses.None;

        public string? HostName => null;

        public Credentials? Credentials { get; set; }

        public int? PeerCloseCode => null;

        public bool CanProbe => true;

        public Action<long>? Answered { get; set; }

        /// <summary>Completes when the next message is about to leave.</summary>
        public async Task SendingAsync() => Assert.True(await _sending.WaitAsync(Timeout), "no message is sent");

        /// <summary>It leaves.</summary>
        public void Release() => _released.Release();

        public void EndReading() => _reading.SetResult(ITransport.Ended);

        public async ValueTask<int> ReceiveAsync(Memory<byte> buffer) => await _reading.Task;

        public ValueTask SendAsync(ReadOnlyMemory<byte> frame) => ValueTask.CompletedTask;

        public async ValueTask SendAsync(PooledBuffer head, EncodedMessage message, long? probe, bool isMore)
        {
            _sending.Release();
            await _released.WaitAsync(Timeout);
            if (probe is { } number)
                Answered!(number);
        }

        public ValueTask FlushAsync() => ValueTask.CompletedTask;

        public ValueTask ProbeAsync(long number)
        {
            Answered!(number);
            return ValueTask.CompletedTask;
        }

        public ValueTask CloseAsync(CloseReason reason) => ValueTask.CompletedTask;

        public void Abort() { }
    }
}
