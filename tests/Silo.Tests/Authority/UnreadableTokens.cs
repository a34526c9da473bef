using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>A store where nothing is revoked, and what was shown of tokens can be neither read nor written.</summary>
internal sealed class UnreadableTokens : IAuthorityStore
{
    public Task<IReadOnlyList<Revocation>> ReadRevocationsAsync(long after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Revocation>>([]);

    public Task<Revocation> AddRevocationAsync(Revocation revocation, CancellationToken cancellationToken) => Task.FromException<Revocation>(Fault());

    public Task ForgetRevocationsAsync(DateTimeOffset issuedBefore, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<UserTokens?> ReadTokensAsync(string user, CancellationToken cancellationToken) => Task.FromException<UserTokens?>(Fault());

    public Task WriteTokensAsync(IReadOnlyDictionary<string, UserTokens> users, CancellationToken cancellationToken) => Task.FromException(Fault());

    public Task ForgetTokensAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) => Task.FromException(Fault());

    private static AuthorityStoreException Fault() => new("as the test wants it");
}
