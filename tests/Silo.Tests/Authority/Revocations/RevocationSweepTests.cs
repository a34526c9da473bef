using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Authority.Revocations;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Revocations;

/// <summary>How long revocations are known, by a clock of the test. The store is the product's, in a folder of the test.</summary>
public sealed class RevocationSweepTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();
    private readonly TimerClock _time = new();
    private readonly RevocationRegister _register = new();
    private readonly RocksDbAuthorityStore _store;

    public RevocationSweepTests() => _store = new RocksDbAuthorityStore(Options.Create(new OutboxOptions { Path = _folder.File("outbox") }));

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Revocation_IsKnownWhileAnyOfItsTokensCouldBeTaken_AndThenForgotten()
    {
        var lifetime = NewLifetime(TimeSpan.FromHours(4));
        // So that a sweep comes just when they could be forgotten too soon.
        var now = _time.GetUtcNow() - Skew;
        (Revocation Revocation, VerifiedToken Token)[] all =
        [
            // The issuer's clock is ahead.
            (new Revocation(0, null, "id", null), NewToken("x", "id", now + Skew)),
            (new Revocation(0, "alice", null, now), NewToken("alice", "a", now.AddTicks(-1))),
            (new Revocation(0, "bob", null, now.AddHours(20)), NewToken("bob", "b", now.AddHours(20).AddTicks(-1))),
            (new Revocation(0, "carol", null, now.AddHours(-3)), NewToken("carol", "c", now.AddHours(-3).AddTicks(-1))),
            (new Revocation(0, null, "newest", null), NewToken("y", "newest", now)),
        ];
        foreach (var (revocation, _) in all)
            await _store.AddRevocationAsync(revocation with { RevokedAt = now }, default);
        await ReadAsync(_register);
        using var sweep = await StartAsync(lifetime);

        var taken = 0;
        for (var hours = 0; hours < 30; hours++)
        {
            if (hours > 0)
                await SweepAsync(lifetime);
            foreach (var (_, token) in all)
            {
                taken += lifetime.FaultOf(token) is null ? 1 : 0;
                Assert.True(lifetime.FaultOf(token) is not null || _register.Covers(token.User, token.Id, token.IssuedAt), $"{token.Id} after {hours} h");
            }
        }

        Assert.True(taken > 10, $"{taken}");
        Assert.DoesNotContain(all, each => _register.Covers(each.Token.User, each.Token.Id, each.Token.IssuedAt));
        await Wait.Until(async () => (await _store.ReadRevocationsAsync(0, 10, default)).Count == 1, "all but the newest to be deleted");
        await sweep.StopAsync(default);
    }

    [Fact]
    public async Task Silo_ThatStartsAgain_TellsTheSameLastNumber_AndNumbersGoOn()
    {
        var lifetime = NewLifetime(Hour);
        foreach (var id in (string[])["one", "two"])
            await _store.AddRevocationAsync(new Revocation(0, null, id, null) { RevokedAt = _time.GetUtcNow() }, default);
        await ReadAsync(_register);
        using (var sweep = await StartAsync(lifetime))
        {
            for (var hours = 0; hours < 3; hours++)
                await SweepAsync(lifetime);
            await Wait.Until(async () => (await _store.ReadRevocationsAsync(0, 10, default)).Count == 1, "the older one to be deleted");
            await sweep.StopAsync(default);
        }
        Assert.Empty(_register.After(0).Revocations);

        var again = new RevocationRegister();
        await ReadAsync(again);

        Assert.Equal((2, 2), (_register.Last, again.Last));
        Assert.Equal(3, (await _store.AddRevocationAsync(new Revocation(0, null, "three", null) { RevokedAt = _time.GetUtcNow() }, default)).Number);
        await ReadAsync(_register);
        await ReadAsync(again);
        Assert.True(_register.Covers("x", "three", null) && again.Covers("x", "three", null));
    }

    [Fact]
    public async Task Store_ThatIsAway_IsSweptTheNextTime()
    {
        var lifetime = NewLifetime(Hour);
        // A file where the store's folder would be.
        await File.WriteAllTextAsync(_folder.File("outbox"), "");
        using var sweep = await StartAsync(lifetime);
        await SweepAsync(lifetime);
        File.Delete(_folder.File("outbox"));
        var old = _time.GetUtcNow().AddHours(-10);
        foreach (var id in (string[])["one", "two"])
            await _store.AddRevocationAsync(new Revocation(0, null, id, null) { RevokedAt = old }, default);

        await SweepAsync(lifetime);

        await Wait.Until(async () => (await _store.ReadRevocationsAsync(0, 10, default)) is [{ TokenId: "two" }], "the older one to be deleted");
        await sweep.StopAsync(default);
    }

    [Fact]
    public async Task Setting_Absent_NothingIsEverForgotten()
    {
        await _store.AddRevocationAsync(new Revocation(0, null, "one", null) { RevokedAt = _time.GetUtcNow() }, default);
        await _store.AddRevocationAsync(new Revocation(0, null, "two", null) { RevokedAt = _time.GetUtcNow() }, default);
        await ReadAsync(_register);
        using var sweep = new RevocationSweep(_store, _register, NewLifetime(max: null), _time, NullLogger<RevocationSweep>.Instance);

        await sweep.StartAsync(default);
        await sweep.ExecuteTask!;

        Assert.True(_register.Covers("x", "one", null));
        Assert.Null(_register.After(0).ForgottenBefore);
        Assert.Equal(2, (await _store.ReadRevocationsAsync(0, 10, default)).Count);
    }

    private TokenLifetime NewLifetime(TimeSpan? max) => new(Options.Create(new AuthorityOptions { MaxTokenLifetime = max, ClockSkew = Skew }), _time);

    /// <summary>One whose <c>exp</c> does not matter.</summary>
    private static VerifiedToken NewToken(string user, string id, DateTimeOffset issuedAt) => new(user, [], [], issuedAt.AddYears(1), id, issuedAt);

    private async Task ReadAsync(RevocationRegister register)
    {
        using var follower = new RevocationFollower(_store, register, _time, NullLogger<RevocationFollower>.Instance);
        await follower.ReadAsync(default);
    }

    private async Task<RevocationSweep> StartAsync(TokenLifetime lifetime)
    {
        var sweep = new RevocationSweep(_store, _register, lifetime, _time, NullLogger<RevocationSweep>.Instance);
        await sweep.StartAsync(default);
        await Wait.Until(() => _time.Timers == 1, "the sweep to wait for its time");
        return sweep;
    }

    /// <summary>Lets the next hour pass.</summary>
    private async Task SweepAsync(TokenLifetime lifetime)
    {
        _time.Advance(Hour);
        await Wait.Until(() => _register.After(0).ForgottenBefore == lifetime.GoneBefore, "the sweep");
    }
}
