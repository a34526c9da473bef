using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Authority.Revocations;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Grains.Tests.Authority.Tokens;

/// <summary>What is kept of a user's tokens, for how long, and what is known when it is gone. The store is the product's, in a folder of the test.</summary>
public sealed class TokenHolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly RocksDbAuthorityStore _store;
    private readonly TokenRecords _records;

    public TokenHolderTests()
    {
        _store = new RocksDbAuthorityStore(Options.Create(new OutboxOptions { Path = _folder.File("outbox") }));
        _records = new TokenRecords(_store, _time, NullLogger<TokenRecords>.Instance);
    }

    public void Dispose()
    {
        _records.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Record_TokenThatIsGood_SaysWhatIsInForceOfIt()
    {
        var standing = await NewHolder().RecordAsync(NewToken("one", "service"));

        Assert.False(standing.Expired);
        Assert.Equal(["sub=alice"], standing.Claims);
        Assert.Empty(standing.ExpiredRoles);
    }

    [Fact]
    public async Task Forgotten_TwoMinutesAfterTheLastQuestion_AndKnownAgainFromTheStore()
    {
        var holder = NewHolder();
        await holder.RecordAsync(NewToken("one", "service"));
        _time.Advance(TimeSpan.FromMinutes(1));
        await holder.GetStandingAsync(tokenId: null);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(2), holder.ForgottenFrom);
        Assert.True(holder.IsStored);
        Assert.False(_records.AreWritten);
        // Ends with what is still to be written.
        await _records.StopAsync(CancellationToken.None);
        Assert.True(_records.AreWritten);

        _time.Advance(TimeSpan.FromHours(2));
        var standing = await NewHolder().GetStandingAsync(tokenId: null);

        Assert.True(standing.Expired);
        Assert.Equal(["service"], standing.ExpiredRoles);
    }

    [Fact]
    public async Task Forgotten_WhatIsNowhereElse_AnHourAfterTheLastQuestion()
    {
        // A file where the store's folder would be.
        await File.WriteAllTextAsync(_folder.File("outbox"), "");
        var holder = NewHolder();

        Assert.False((await holder.RecordAsync(NewToken("one", "service"))).Expired);

        Assert.False(holder.IsStored);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromHours(1), holder.ForgottenFrom);
    }

    [Fact]
    public async Task Revoked_WhileTheStoreIsAway_IsNotKnown()
    {
        await File.WriteAllTextAsync(_folder.File("outbox"), "");
        var holder = NewHolder();
        // Who closes the broker's connections says that it failed, and is asked again.
        await Assert.ThrowsAsync<AuthorityStoreException>(holder.HasRevokedAsync);

        File.Delete(_folder.File("outbox"));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await holder.HasRevokedAsync());
    }

    [Fact]
    public async Task Record_TokenThatItsIssuerHasExtended_EndsAsItSaysNow()
    {
        var holder = NewHolder();
        await holder.RecordAsync(NewToken("one"));
        await holder.RecordAsync(NewToken("one") with { ExpiresAt = _time.GetUtcNow().AddHours(3) });

        _time.Advance(TimeSpan.FromHours(2));

        Assert.False((await holder.GetStandingAsync("one")).Expired);
    }

    [Fact]
    public async Task Standing_OfATokenBesideOthers_IsWhatItSaysItself()
    {
        var holder = NewHolder();
        await holder.RecordAsync(NewToken("wide") with { Claims = ["scope=read:*"] });
        var standing = await holder.RecordAsync(NewToken("narrow") with { Claims = ["scope=read:a"] });
        Assert.Equal(["scope=read:a"], standing.Claims);
        Assert.Equal(["scope=read:a", "scope=read:*"], (await holder.GetStandingAsync(tokenId: null)).Claims);
    }

    [Fact]
    public async Task Standing_OfMoreTokensThanAreKept_TheOneShownFirstIsNotKnown_AndGetsNothingOfTheOthers()
    {
        var holder = NewHolder();
        await holder.RecordAsync(NewToken("first", "service"));
        for (var i = 1; i < UserTokens.MaxTokens; i++)
            await holder.RecordAsync(NewToken($"wide {i}", "admin") with { Claims = ["scope=read:*"] });
        Assert.False((await holder.GetStandingAsync("first")).IsPartial);

        // It ends before all others.
        var delegated = await holder.RecordAsync(NewToken("delegated") with { ExpiresAt = _time.GetUtcNow().AddMinutes(1), Claims = ["scope=read:a"] });

        Assert.Equal((false, false), (delegated.Expired, delegated.IsPartial));
        Assert.Equal(["scope=read:a"], delegated.Claims);
        Assert.Equivalent(UserStanding.Unknown with { IsPartial = true }, await holder.GetStandingAsync("first"), strict: true);
    }

    [Fact]
    public async Task Standing_OfATokenThatWasShownBeforeLifetimesHadALimit_IsThatOfOneThatHasEnded()
    {
        var limited = new AuthorityOptions { MaxTokenLifetime = TimeSpan.FromMinutes(10) };
        await NewHolder().RecordAsync(NewToken("one", "service"));
        await NewHolder().RecordAsync(NewToken("without time", "service") with { IssuedAt = null });
        Assert.False((await NewHolder(limited).GetStandingAsync("one")).Expired);
        Assert.True((await NewHolder(limited).GetStandingAsync("without time")).Expired);

        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.True((await NewHolder(limited).GetStandingAsync("one")).Expired);
        Assert.False((await NewHolder().GetStandingAsync("one")).Expired);
    }

    private TokenHolder NewHolder(AuthorityOptions? options = null) =>
        new("alice", _records, new RevocationRegister(), new TokenLifetime(Options.Create(options ?? new AuthorityOptions()), _time), _time);

    private KnownToken NewToken(string id, params string[] roles) =>
        new(id, _time.GetUtcNow(), _time.GetUtcNow() + TimeSpan.FromHours(1), roles, ["sub=alice"]);
}
