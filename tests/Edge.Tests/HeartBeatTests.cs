using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Edge.Tests;

/// <summary>When a client that says nothing counts as gone, by a clock of the test's own.</summary>
public sealed class HeartBeatTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SessionClock _clock;

    public HeartBeatTests() => _clock = new SessionClock(_time, NullLogger<SessionClock>.Instance);

    public void Dispose()
    {
        _clock.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Client_ThatSaysNothing_IsClosedAfterThreeIntervals_AsMeasuredWithTheReference()
    {
        var output = new Output();
        var session = new Session(output, _clock, new StompOptions(), new ConnectionMetrics(_services.GetRequiredService<IMeterFactory>()));
        session.SignIn(new Identity("alice", "/", [], ExpiresAt: null, TokenId: "", IssuedAt: null), StompVersion.V12, new StompHeartBeat(2000, 0).Answer());

        _time.Advance(TimeSpan.FromMilliseconds(5999));
        session.OnDue(_clock.Now);
        Assert.Null(output.Ended);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        session.OnDue(_clock.Now);
        Assert.Equal(CloseReasons.HeartBeatLost, output.Ended);
    }

    /// <summary>A connection of which only its end is looked at.</summary>
    private sealed class Output : SilentOutput
    {
        public CloseReason? Ended { get; private set; }

        public override void End(CloseReason reason, byte[]? lastFrame) => Ended = reason;
    }
}
