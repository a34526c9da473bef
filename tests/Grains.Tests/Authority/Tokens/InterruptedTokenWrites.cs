using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Tests.Authority.Tokens;

/// <summary>A store whose first write of tokens goes as the test wants it.</summary>
/// <param name="store">Takes the others.</param>
/// <param name="first">In place of the first; it is not written.</param>
internal sealed class InterruptedTokenWrites(IAuthorityStore store, Func<CancellationToken, Task> first) : IAuthorityStore
{
    private int _writes;

    /// <summary>How many writes of tokens have begun.</summary>
    public int Writes => Volatile.Read(ref _writes);

    public async Task WriteTokensAsync(IReadOnlyDictionary<string, UserTokens> users, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _writes) == 1)
            await first(cancellationToken);
        else
            await store.WriteTokensAsync(users, cancellationToken);
    }

    public Task<UserTokens?> ReadTokensAsync(string user, CancellationToken cancellationToken) => store.ReadTokensAsync(user, cancellationToken);

    public Task ForgetTokensAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) => store.ForgetTokensAsync(endedBefore, cancellationToken);

    public Task<IReadOnlyList<Revocation>> ReadRevocationsAsync(long after, int limit, CancellationToken cancellationToken) =>
        store.ReadRevocationsAsync(after, limit, cancellationToken);

    public Task<Revocation> AddRevocationAsync(Revocation revocation, CancellationToken cancellationToken) =>
        store.AddRevocationAsync(revocation, cancellationToken);

    public Task ForgetRevocationsAsync(DateTimeOffset issuedBefore, CancellationToken cancellationToken) =>
        store.ForgetRevocationsAsync(issuedBefore, cancellationToken);
}
