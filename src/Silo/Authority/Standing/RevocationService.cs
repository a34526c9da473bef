using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Authority.Standing;

/// <summary>Revokes tokens: stored first, then known to this silo, then the broker's connections are closed. Edges and other silos hear of it by themselves.</summary>
internal sealed partial class RevocationService(
    IAuthorityStore store, RevocationFollower follower, BrokerConnections connections, TimeProvider time, ILogger<RevocationService> logger)
{
    /// <summary>Revokes.</summary>
    /// <returns>The revocation, and whether the broker's connections were closed; null when that is not set up.</returns>
    /// <exception cref="AuthorityStoreException">Nothing was revoked, or it was and repeating it does no harm.</exception>
    public async Task<(Revocation Revocation, bool? Closed)> RevokeAsync(string? user, string? tokenId, DateTimeOffset? issuedBefore)
    {
        // Not given up when the operator goes away.
        var wanted = new Revocation(0, user, tokenId, tokenId is null ? issuedBefore ?? time.GetUtcNow() : null);
        var revocation = await store.AddRevocationAsync(wanted, CancellationToken.None);
        await follower.ReadAsync(CancellationToken.None);
        LogRevoked(revocation.Number);
        return (revocation, connections.CanClose ? await connections.CloseAsync(revocation, CancellationToken.None) : null);
    }

    [LoggerMessage(1522, LogLevel.Information, "Revocation {Number} is stored")]
    private partial void LogRevoked(long number);
}
