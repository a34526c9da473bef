using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Authority;

/// <summary>What the authority must still know after a restart: revocations, and until when the tokens that users have shown are good.</summary>
public interface IAuthorityStore
{
    /// <summary>The revocations after a number, in order, at most <paramref name="limit"/>.</summary>
    /// <exception cref="AuthorityStoreException">They cannot be read.</exception>
    Task<IReadOnlyList<Revocation>> ReadRevocationsAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Stores a revocation; when it returns, the revocation is on disk.</summary>
    /// <returns>It, with its number.</returns>
    /// <exception cref="AuthorityStoreException">It cannot be written.</exception>
    Task<Revocation> AddRevocationAsync(Revocation revocation, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets revocations of which all tokens were issued before a time, and that say when they were stored. The newest stays: numbers go on behind it, and
    /// whoever asks for what is newer is told so.
    /// </summary>
    /// <exception cref="AuthorityStoreException">It cannot be written.</exception>
    Task ForgetRevocationsAsync(DateTimeOffset issuedBefore, CancellationToken cancellationToken);

    /// <summary>What is stored of a user's tokens; null when nothing is.</summary>
    /// <exception cref="AuthorityStoreException">It cannot be read.</exception>
    Task<UserTokens?> ReadTokensAsync(string user, CancellationToken cancellationToken);

    /// <summary>Stores what is known of users' tokens, in place of what was stored of them.</summary>
    /// <exception cref="AuthorityStoreException">It cannot be written.</exception>
    Task WriteTokensAsync(IReadOnlyDictionary<string, UserTokens> users, CancellationToken cancellationToken);

    /// <summary>Forgets users whose last token ended before a time.</summary>
    /// <exception cref="AuthorityStoreException">It cannot be written.</exception>
    Task ForgetTokensAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken);
}
