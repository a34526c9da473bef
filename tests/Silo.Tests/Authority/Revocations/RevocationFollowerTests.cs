using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Authority.Revocations;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Revocations;

/// <summary>How soon a silo knows what another one has stored, by a clock of the test.</summary>
public sealed class RevocationFollowerTests
{
    /// <summary>What of the 2 s that a revocation may take is for silos; the rest is for edges, which ask them, and for ending sessions.</summary>
    private static readonly TimeSpan Share = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Revocation_StoredByAnotherSilo_IsKnownInTime()
    {
        using var folder = new TemporaryFolder();
        using var store = new RocksDbAuthorityStore(Options.Create(new OutboxOptions { Path = folder.File("outbox") }));
        var (register, time) = (new RevocationRegister(), new TimerClock());
        using var follower = new RevocationFollower(store, register, time, NullLogger<RevocationFollower>.Instance);
        await follower.StartAsync(CancellationToken.None);
        await Wait.Until(() => time.Timers == 1, "the first read");
        Assert.Equal(0, register.Last);

        var revocation = await store.AddRevocationAsync(new Revocation(0, "alice", null, DateTimeOffset.UtcNow), default);
        time.Advance(Share);

        await Wait.Until(() => register.Last == revocation.Number, "the revocation");
        Assert.True(register.Covers("alice", "", issuedAt: null));
        await follower.StopAsync(CancellationToken.None);
    }
}
