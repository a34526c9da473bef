using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Authority.Revocations;

/// <summary>
/// Revokes tokens: stored first, then known to this silo, then the broker's connections are closed. Edges and other silos hear of it by themselves.
/// </summary>
internal sealed partial class RevocationService(
    IAuthorityStore store,
    RevocationFollower follower,
    BrokerManagement broker,
    TimeProvider time,
    ILogger<RevocationService> logger
)
{
    /// <summary>
    /// When the broker's connections are closed a second time: above the time that its cache keeps answers (docker/rabbitmq/cache.conf), so that who was let in
    /// meanwhile goes too, and in time for the 2 s that a revocation may take. Without a cache it is for a sign-in that was under way.
    /// </summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// After that once more for those who are looked for in the broker's list: a connection that was opened just before is in it after 5 s at the latest (the
    /// broker's <c>collect_statistics_interval</c>).
    /// </summary>
    private static readonly TimeSpan ListLag = TimeSpan.FromSeconds(6);

    /// <summary>Revokes.</summary>
    /// <returns>The revocation, and whether the broker's connections were closed; null when that is not set up.</returns>
    /// <exception cref="AuthorityStoreException">Nothing was revoked, or it was and repeating it does no harm.</exception>
    public async Task<(Revocation Revocation, bool? Closed)> RevokeAsync(string? user, string? tokenId, DateTimeOffset? issuedBefore)
    {
        // Not given up when the operator goes away.
        var now = time.GetUtcNow();
        var wanted = new Revocation(0, user, tokenId, tokenId is null ? issuedBefore ?? now : null) { RevokedAt = now };
        var revocation = await store.AddRevocationAsync(wanted, CancellationToken.None);
        await follower.ReadAsync(CancellationToken.None);
        LogRevoked(revocation.Number);
        if (!broker.IsConfigured)
            return (revocation, null);
        _ = CloseAgainAsync(revocation);
        return (revocation, await broker.CloseConnectionsAsync(revocation, CancellationToken.None));
    }

    private async Task CloseAgainAsync(Revocation revocation)
    {
        await Task.Delay(Again, time);
        await broker.CloseConnectionsAsync(revocation, CancellationToken.None);
        // By name nobody is overlooked.
        if (revocation.User is not null)
            return;
        await Task.Delay(ListLag, time);
        await broker.CloseConnectionsAsync(revocation, CancellationToken.None);
    }
}
