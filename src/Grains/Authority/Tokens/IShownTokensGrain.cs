namespace NotifyOrleans.Grains.Authority.Tokens;

/// <summary>
/// What is known of the tokens that the users of a shard have shown; the key is the shard's number. The broker's later questions carry no token, so what a
/// token said, and until when, is kept here.
/// </summary>
[Alias("NotifyOrleans.IShownTokensGrain")]
public interface IShownTokensGrain : IGrainWithIntegerKey
{
    /// <summary>A good token was shown.</summary>
    /// <returns>What is in force of it.</returns>
    [Alias("Record")]
    Task<UserStanding> RecordAsync(string user, KnownToken token);

    /// <summary>What is in force of all that the user has shown; or, when it is known which token somebody has, of that one.</summary>
    /// <param name="user">Who it is.</param>
    /// <param name="tokenId">Null, or one that was never shown here: all of them.</param>
    [Alias("GetStanding")]
    Task<UserStanding> GetStandingAsync(string user, string? tokenId);

    /// <summary>
    /// Whether a token that the user has shown is revoked; one that has ended as well, as the broker goes on with a connection that began with it.
    /// </summary>
    /// <exception cref="AuthorityStoreException">None is known that is, and what is stored cannot be read.</exception>
    [Alias("HasRevoked")]
    Task<bool> HasRevokedAsync(string user);
}
