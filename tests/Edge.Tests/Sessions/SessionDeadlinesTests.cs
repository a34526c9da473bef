using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Edge.Tests.Sessions;

/// <summary>What ends a session by the clock; nothing is read from its client, or written to it.</summary>
public sealed class SessionDeadlinesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly SessionClock _clock;
    private readonly Output _output = new();
    private readonly SessionDeadlines _deadlines;

    public SessionDeadlinesTests()
    {
        _clock = new SessionClock(_time, NullLogger<SessionClock>.Instance);
        _deadlines = new SessionDeadlines(_output, _clock, new StompOptions { LoginTimeout = TimeSpan.FromSeconds(7) });
    }

    public void Dispose() => _clock.Dispose();

    [Fact]
    public void Session_WithoutTokenEndAndHeartBeats_HasNothingToDo()
    {
        Assert.Equal(7000, _deadlines.LoginDue);
        Assert.Equal(SessionClock.Never, _deadlines.NextDue);
        Assert.Null(_deadlines.FindMissed(long.MaxValue - 1));
        Assert.False(_deadlines.IsBeatDue(long.MaxValue - 1));
    }

    [Fact]
    public void Token_ThatEnds_EndsTheSession_UnlessItIsRenewed()
    {
        _deadlines.Expire(_time.GetUtcNow().AddSeconds(60));
        Assert.Equal(60_000, _deadlines.NextDue);
        Assert.Null(_deadlines.FindMissed(59_999));
        Assert.NotNull(_deadlines.FindMissed(60_000));

        Assert.False(_deadlines.HasTokenEnded);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(_deadlines.HasTokenEnded, "a silo's clock may be a second ahead");

        _deadlines.Expire(expiresAt: null);
        Assert.False(_deadlines.HasTokenEnded);
        Assert.Null(_deadlines.FindMissed(60_000));
    }

    [Fact]
    public void Client_ThatIsSilent_EndsTheSession_WhileItIsRead()
    {
        _deadlines.Agree(new StompHeartBeat(Outgoing: 0, Incoming: 10_000));
        Assert.Equal(30_000, _deadlines.NextDue);
        Assert.Null(_deadlines.FindMissed(29_999));
        Assert.NotNull(_deadlines.FindMissed(30_000));

        _output.IsBusy = true;
        Assert.Null(_deadlines.FindMissed(30_000));
    }

    [Fact]
    public void Beat_IsDueBeforeTheIntervalIsOver()
    {
        _deadlines.Agree(new StompHeartBeat(Outgoing: 10_000, Incoming: 0));
        Assert.Equal(9500, _deadlines.NextDue);
        Assert.False(_deadlines.IsBeatDue(9499));
        Assert.True(_deadlines.IsBeatDue(9500));
    }

    private sealed class Output : SilentOutput
    {
        public bool IsBusy { get; set; }

        public override bool IsReading => !IsBusy;
    }
}
