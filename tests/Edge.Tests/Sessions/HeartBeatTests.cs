using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Edge.Tests.Sessions;

/// <summary>When a client that says nothing counts as gone, by a clock of the test's own.</summary>
public sealed class HeartBeatTests : IDisposable
{
    private readonly LoneEdge _edge = new();

    public void Dispose() => _edge.Dispose();

    [Fact]
    public void Client_ThatSaysNothing_IsClosedAfterThreeIntervals_AsMeasuredWithTheReference()
    {
        var output = new Output();
        var session = _edge.SignIn(output, new StompHeartBeat(2000, 0).Answer());

        _edge.Time.Advance(TimeSpan.FromMilliseconds(5999));
        session.OnDue(_edge.Clock.Now);
        Assert.Null(output.Ended);

        _edge.Time.Advance(TimeSpan.FromMilliseconds(1));
        session.OnDue(_edge.Clock.Now);
        Assert.Equal(CloseReasons.HeartBeatLost, output.Ended);
    }

    /// <summary>A connection of which only its end is looked at.</summary>
    private sealed class Output : SilentOutput
    {
        public CloseReason? Ended { get; private set; }

        public override void End(CloseReason reason, byte[]? lastFrame) => Ended = reason;
    }
}
