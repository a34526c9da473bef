using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Tokens;

/// <summary>No token is taken for longer than <c>Authority:MaxTokenLifetime</c> after it was issued, whatever kind it is and whoever asks.</summary>
public sealed class LifetimeTests : IAsyncLifetime
{
    private const int Hour = 3600;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly TemporaryFolder _folder = new();
    private IssuerServer _issuer = null!;
    private AuthoritySilo _silo = null!;

    private BothSides BothSides => new(_silo.Http, _silo.Grain);

    public async Task InitializeAsync()
    {
        _issuer = await IssuerServer.StartAsync();
        _silo = await StartAsync(TimeSpan.FromHours(1));
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _issuer.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Token_OfEachKind_IsTakenForAnHour_AndOnlyIfItSaysWhenItWasIssued()
    {
        foreach (var make in (Func<int?, string>[])[Signed, Opaque])
        {
            Assert.Equal("allow", await BothSides.AuthenticateAsync("alice", make(0)));
            Assert.Equal("allow", await BothSides.AuthenticateAsync("alice", make(60 - Hour)));
            // Clocks may be apart by that much.
            Assert.Equal("allow", await BothSides.AuthenticateAsync("alice", make(3)));
            Assert.Equal("deny", await BothSides.AuthenticateAsync("alice", make(-60 - Hour)));
            Assert.Equal("deny", await BothSides.AuthenticateAsync("alice", make(-24 * Hour)));
            Assert.Equal("deny", await BothSides.AuthenticateAsync("alice", make(600)));
            Assert.Equal("deny", await BothSides.AuthenticateAsync("alice", make(null)));
        }
    }

    [Fact]
    public async Task Session_EndsWithItsToken_OrAnHourAfterThatWasIssued()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        foreach (var make in (Func<int?, string>[])[Signed, Opaque])
            Assert.Equal(now - 600 + Hour, (await EndAsync(make(-600))).ToUnixTimeSeconds(), tolerance: 5.0);
        var brief = TestToken.IssuedIn(-600, "alice") with { Lifetime = TimeSpan.FromMinutes(1) };
        Assert.Equal(now + 60, (await EndAsync(brief.Text)).ToUnixTimeSeconds(), tolerance: 5.0);
    }

    [Fact]
    public async Task Questions_OfATokenThatWasIssuedAnHourAgo_AreDenied()
    {
        Assert.Equal("allow", await BothSides.AuthenticateAsync("alice", Signed(4 - Hour)));
        var enter = new VhostQuestion("alice", "/", "127.0.0.1", []);
        Assert.True(await BothSides.AuthorizeAsync(enter));

        await Wait.Until(async () => !await _silo.Grain.AuthorizeAsync(enter), "alice to be denied");

        Assert.False(await BothSides.AuthorizeAsync(enter));
    }

    [Fact]
    public async Task Setting_IsNewOrLower_WhatWasShownBeforeCountsNoLonger()
    {
        await _silo.DisposeAsync();
        _silo = await StartAsync(max: null);
        var token = Signed(-2 * Hour);
        Assert.Equal("allow", await BothSides.AuthenticateAsync("alice", token));
        Assert.Equal("allow", await BothSides.AuthenticateAsync("bob", new TestToken("bob").Text));
        await _silo.DisposeAsync();

        _silo = await StartAsync(TimeSpan.FromHours(1));

        foreach (var user in (string[])["alice", "bob"])
            Assert.False(await BothSides.AuthorizeAsync(new VhostQuestion(user, "/", "127.0.0.1", [])));
        Assert.Equal("deny", await BothSides.AuthenticateAsync("alice", token));
    }

    [Fact]
    public async Task Revocation_SaysWhenItWasStored_ToEdgesToo()
    {
        var before = DateTimeOffset.UtcNow;
        using var reply = await _silo.RevokeAsync(new { tokenId = "id" }, TestToken.IssuedIn(0, "operator", "admin"));
        reply.EnsureSuccessStatusCode();
        var told = Assert.Single((await _silo.Grain.GetRevocationsAsync(0)).Revocations);
        Assert.InRange(told.RevokedAt!.Value, before, DateTimeOffset.UtcNow);
    }

    private static string Signed(int? issuedIn) =>
        ((issuedIn is { } seconds ? TestToken.IssuedIn(seconds, "alice") : new TestToken("alice")) with { Lifetime = Day }).Text;

    private string Opaque(int? issuedIn)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var answer = new Dictionary<string, object>
        {
            ["active"] = true,
            ["sub"] = "alice",
            ["aud"] = TestIssuers.Audience,
            ["exp"] = now + 24 * Hour,
        };
        if (issuedIn is { } seconds)
            answer["iat"] = now + seconds;
        return _issuer.Issue($"opaque {issuedIn}", answer);
    }

    private async Task<DateTimeOffset> EndAsync(string token)
    {
        var answer = await _silo.Grain.SignInAsync(new UserQuestion(null, token, null, LoginOptional: true));
        Assert.True(answer.Allowed);
        return answer.ExpiresAt!.Value;
    }

    private Task<AuthoritySilo> StartAsync(TimeSpan? max)
    {
        var settings = TestIssuers.Settings.Concat(_issuer.ByQuestions(3, TimeSpan.FromHours(1))).ToDictionary();
        settings["Authority:MaxTokenLifetime"] = $"{max}";
        return AuthoritySilo.StartAsync(settings, folder: _folder);
    }
}
