using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using NotifyOrleans.Edge.Connections.Draining;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Connections.Draining;

/// <summary>An edge that ends sends its clients away at a pace, and says when they may come again.</summary>
public sealed class DrainTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<WireClient> _clients = [];
    private ScriptedSilo? _silo;
    private EdgeProcess? _edge;

    private ScriptedSilo Silo => _silo!;

    private EdgeProcess Edge => _edge!;

    public async Task InitializeAsync() => _silo = await ScriptedSilo.StartNewAsync();

    public async Task DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        if (_edge is not null)
            await _edge.DisposeAsync();
        await Silo.DisposeAsync();
    }

    [Fact]
    public async Task Sigterm_TellsSessionsAtThePace_LetsNobodyIn_AndEndsWithoutFault()
    {
        await StartAsync(40, ("Stomp__Drain__SessionsPerSecond", "20"), ("Stomp__Drain__RetryJitter", "00:00:03"));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var ending = Edge.Process.TerminateAsync(Patience);
        var goodbyes = _clients.Select(client => client.ErrorAsync("Server shutting down")).ToList();
        await Task.WhenAny(goodbyes);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Edge.StatusOfAsync("/health/ready"));
        using var late = new ClientWebSocket();
        late.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => late.ConnectAsync(Edge.StompAddress, CancellationToken.None));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.HttpStatusCode);

        var errors = await Task.WhenAll(goodbyes);
        Assert.True(clock.Elapsed.TotalSeconds >= 39 / 20.0, $"40 sessions were told within {clock.Elapsed}");
        var waits = errors.Select(error => int.Parse(error["x-retry-after"]!, CultureInfo.InvariantCulture)).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, 0, 3000));
        Assert.True(waits.Distinct().Count() > 20, "the waits are not spread");
        foreach (var (client, wait) in _clients.Zip(waits))
        {
            await client.ClosedAsync(1012);
            Assert.Equal($"Server shutting down; connect again in {wait} ms", client.CloseText);
        }
        await ending;
        Assert.Equal(0, Edge.Process.ExitCode);
        Assert.False(Silo.HasLink);
    }

    [Fact]
    public async Task Messages_ProvedDuringTheDrain_AreSettledAndTheOthersGoBack()
    {
        await StartAsync(0);
        await using var good = await RawClient.ConnectAsync(Edge.StompAddress, "good");
        await using var deaf = await RawClient.ConnectAsync(Edge.StompAddress, "deaf");
        foreach (var (client, user) in ((RawClient, string)[])[(good, "good"), (deaf, "deaf")])
        {
            await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
            await Silo.PushAsync(await Silo.RegisteredAsync(user), Message());
            await client.FrameAsync("MESSAGE");
        }
        var ping = await good.PingAsync();
        var ending = Edge.Process.TerminateAsync(Patience);
        await good.FrameAsync("ERROR");
        await good.PongAsync(ping);
        await ending;
        Assert.Equal(0, Edge.Process.ExitCode);
        var settled = Assert.Single(Silo.Settlements);
        Assert.Equal(("good", SettlementOutcome.Settled), (settled.User, settled.Outcome));
    }

    [Fact]
    public async Task Rest_WhenTheTimeIsOver_IsToldAtOnce()
    {
        await StartAsync(10, ("Stomp__Drain__SessionsPerSecond", "1"), ("Stomp__Drain__Timeout", "00:00:02"));
        var ending = Edge.Process.TerminateAsync(Patience);
        foreach (var client in _clients)
        {
            await client.ErrorAsync("Server shutting down");
            await client.ClosedAsync(1012);
        }
        await ending;
        Assert.Equal(0, Edge.Process.ExitCode);
        Assert.Contains("were left after 00:00:02", Edge.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondSigterm_EndsAtOnce()
    {
        await StartAsync(3, ("Stomp__Drain__SessionsPerSecond", "1"), ("Stomp__Drain__Timeout", "01:00:00"));
        await using var stuck = await RawClient.ConnectAsync(Edge.StompAddress, "stuck");
        var ending = Edge.Process.TerminateAsync(Patience);
        await Task.WhenAny(_clients.Select(client => client.ErrorAsync("Server shutting down")));
        Assert.False(Edge.Process.HasExited);
        await Edge.Process.TerminateAsync(Patience);
        await ending;
        Assert.Equal(128 + 15, Edge.Process.ExitCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Pace_IsNeverAboveTheCap_WhateverTheClockDoes(int cap)
    {
        var clock = new SteppedClock();
        var pace = new DrainPace(cap, clock);
        var random = new Random(cap);
        var told = new List<(double At, int Count)>();
        while (clock.Seconds < 60)
        {
            // A pause now and then, as a busy machine makes it.
            clock.Seconds += random.Next(100) == 0 ? random.NextDouble() * 5 : 0.02;
            told.Add((clock.Seconds, pace.Take()));
        }
        foreach (var (at, _) in told)
            Assert.InRange(told.Where(step => step.At >= at && step.At < at + 0.999).Sum(step => step.Count), 0, cap);
        Assert.True(told.Sum(step => step.Count) > 0.3 * cap * 60, "the pace is far below the cap");
    }

    private async Task StartAsync(int sessions, params (string Name, string Value)[] settings)
    {
        _edge = await EdgeProcess.StartAsync(Silo.GatewayPort, settings: settings);
        await Edge.WaitForLinkAsync();
        for (var i = 0; i < sessions; i++)
            _clients.Add(await WireClient.ConnectAsync(Edge.StompAddress, $"user{i}"));
    }

    private static Notification Message() => Messages.Notification("user.me", "x", persistent: true);

    private sealed class SteppedClock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => (long)(Seconds * TimestampFrequency);
    }
}
