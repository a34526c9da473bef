namespace NotifyOrleans.Grains.Authority.Tokens;

/// <summary>What is known of the tokens that a user has shown. Bounded: so many tokens, and as many roles as rules name.</summary>
/// <param name="Tokens">Those that had not ended when the last one was shown, the last one first.</param>
/// <param name="FormerRoles">Roles of those that had.</param>
/// <param name="LastEnd">When the last of all ends, or has.</param>
public sealed record UserTokens(IReadOnlyList<KnownToken> Tokens, IReadOnlyList<string> FormerRoles, DateTimeOffset LastEnd)
{
    /// <summary>
    /// Tokens that are kept of a user: more than people have devices. Of more good ones, the one that was shown first is not.
    /// </summary>
    public const int MaxTokens = 64;

    /// <summary>No token was shown.</summary>
    public static readonly UserTokens None = new([], [], DateTimeOffset.MinValue);

    public bool IsKnown => LastEnd > DateTimeOffset.MinValue;

    public bool Has(string tokenId) => Find(tokenId) is not null;

    public KnownToken? Find(string tokenId) => Tokens.FirstOrDefault(token => token.Id == tokenId);

    /// <summary>With one more token, and without those that have ended.</summary>
    public UserTokens With(KnownToken shown, DateTimeOffset now)
    {
        KnownToken[] all = [shown, .. Tokens.Where(token => token.Id != shown.Id)];
        KnownToken[] kept = [.. all.Where(token => token.ExpiresAt > now).Take(MaxTokens)];
        string[] former = [.. FormerRoles.Union(all.Except(kept).SelectMany(token => token.Roles))];
        return new UserTokens(kept, former, shown.ExpiresAt > LastEnd ? shown.ExpiresAt : LastEnd);
    }

    /// <summary>With what else was known.</summary>
    public UserTokens With(UserTokens other, DateTimeOffset now)
    {
        var all = other.Tokens.Reverse().Aggregate(this, (tokens, token) => tokens.Has(token.Id) ? tokens : tokens.With(token, now));
        return all with { FormerRoles = [.. all.FormerRoles.Union(other.FormerRoles)], LastEnd = all.LastEnd > other.LastEnd ? all.LastEnd : other.LastEnd };
    }
}
