namespace NotifyOrleans.Grains.Authority;

/// <summary>
/// What is known of a user's tokens; the key is the user. The broker's later questions carry no token, so what a token said, and until when, is kept here.
/// </summary>
[Alias("NotifyOrleans.IUserTokensGrain")]
public interface IUserTokensGrain : IGrainWithStringKey
{
    /// <summary>A good token was shown.</summary>
    /// <returns>What is in force of it.</returns>
    [Alias("Record")]
    Task<UserStanding> RecordAsync(KnownToken token);

    /// <summary>What is in force of all that was shown; or, when it is known which token somebody has, of that one.</summary>
    /// <param name="tokenId">Null, or one that was never shown here: all of them.</param>
    [Alias("GetStanding")]
    Task<UserStanding> GetStandingAsync(string? tokenId);

    /// <summary>Whether a token of those that were shown, and have not ended, is revoked.</summary>
    [Alias("HasRevoked")]
    Task<bool> HasRevokedAsync();
}
