using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;

namespace NotifyOrleans.Grains.Tests.Authority.Tokens;

/// <summary>When tokens end, by a clock of the test.</summary>
public sealed class TokenLifetimeTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 600, null)]
    [InlineData(-60, 600, null)]
    // Within the skew of 5 s it signs in still, as after exp.
    [InlineData(-3604, 600, null)]
    [InlineData(-3605, 600, "expired")]
    [InlineData(-3, -4, null)]
    [InlineData(-60, -5, "expired")]
    [InlineData(5, 600, null)]
    [InlineData(6, 600, "not_yet_valid")]
    [InlineData(null, 600, "no_issue_time")]
    public void Token_IsTakenForAnHour(int? issuedIn, int endsIn, string? fault)
    {
        var lifetime = New(TimeSpan.FromHours(1));
        Assert.Equal(fault, lifetime.FaultOf(NewToken(issuedIn is { } seconds ? Noon.AddSeconds(seconds) : null, Noon.AddSeconds(endsIn))));
    }

    [Fact]
    public void End_IsTheEarlierOfBoth()
    {
        var lifetime = New(TimeSpan.FromHours(1));
        Assert.Equal(Noon.AddHours(1), lifetime.EndOf(Noon.AddHours(2), Noon));
        Assert.Equal(Noon.AddMinutes(10), lifetime.EndOf(Noon.AddMinutes(10), Noon));
        Assert.Equal(Noon.AddHours(1), lifetime.EndOf(DateTimeOffset.MaxValue, Noon));
        Assert.True(lifetime.EndOf(Noon.AddHours(2), issuedAt: null) < Noon);
        Assert.Equal(DateTimeOffset.MaxValue, New(TimeSpan.FromDays(36_500)).EndOf(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue.AddDays(-1)));
    }

    [Fact]
    public void Token_WithoutTheSetting_IsTakenUntilItsEnd()
    {
        var lifetime = New(max: null);
        Assert.Null(lifetime.FaultOf(NewToken(null, Noon.AddHours(1))));
        Assert.Null(lifetime.FaultOf(NewToken(Noon.AddYears(-1), Noon.AddHours(1))));
        Assert.Equal(Noon.AddHours(1), lifetime.EndOf(Noon.AddHours(1), issuedAt: null));
        Assert.Null(lifetime.GoneBefore);
    }

    private static TokenLifetime New(TimeSpan? max) => new(Options.Create(new AuthorityOptions { MaxTokenLifetime = max }), new FakeTimeProvider(Noon));

    private static VerifiedToken NewToken(DateTimeOffset? issuedAt, DateTimeOffset expiresAt) => new("alice", [], [], expiresAt, "id", issuedAt);
}
