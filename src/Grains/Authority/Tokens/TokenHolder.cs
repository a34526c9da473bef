namespace NotifyOrleans.Grains.Authority.Tokens;

/// <summary>
/// What is known of the tokens of one user, by what was shown here and by what is stored. One of whom nothing is known counts as not expired, unless he was
/// revoked: the broker's connections go on when a store was lost. It belongs to a grain and runs on its scheduler, where calls pass each other while one of
/// them reads.
/// </summary>
internal sealed class TokenHolder(string user, TokenRecords records, RevocationRegister revocations, TokenLifetime lifetime, TimeProvider time)
{
    /// <summary>Between attempts to read what is stored, while the store is away.</summary>
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(1);

    /// <summary>Above that the store counts as away: the answer has to come before the asker goes.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(500);

    // After the last question. Then it is read again when somebody asks.
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    // What could not be stored is nowhere else.
    private static readonly TimeSpan KeptUnread = TimeSpan.FromHours(1);

    private UserTokens _tokens = UserTokens.None;
    private bool _isRead;
    private DateTimeOffset _readDue;
    private DateTimeOffset _lastAsked;

    /// <summary>Whether all of it is in the store, or on its way there.</summary>
    public bool IsStored => _isRead || !_tokens.IsKnown;

    /// <summary>When it need not be kept any more.</summary>
    public DateTimeOffset ForgottenFrom => _lastAsked + (IsStored ? Kept : KeptUnread);

    /// <summary>A good token was shown.</summary>
    /// <returns>What is in force of it.</returns>
    public async Task<UserStanding> RecordAsync(KnownToken token)
    {
        await ReadAsync();
        Record(token);
        return StandingOf(token.Id);
    }

    /// <inheritdoc cref="IShownTokensGrain.GetStandingAsync"/>
    public async Task<UserStanding> GetStandingAsync(string? tokenId)
    {
        await ReadAsync();
        // The broker, which cannot say which token it means, would close what it is refused.
        if (tokenId is null || _tokens.Has(tokenId) || (_isRead && !_tokens.IsKnown))
            return StandingOf(tokenId);
        // Not read, shown to a silo that was killed before it was written, or one of too many: what his other tokens say is not what this one does.
        return UserStanding.Unknown with { IsPartial = true };
    }

    /// <inheritdoc cref="IShownTokensGrain.HasRevokedAsync"/>
    public async Task<bool> HasRevokedAsync()
    {
        await ReadAsync();
        if (_tokens.Tokens.Any(IsRevoked))
            return true;
        if (!_isRead)
            throw new AuthorityStoreException("The tokens that were shown cannot be read");
        return false;
    }

    private void Record(KnownToken token)
    {
        var known = _tokens.Find(token.Id);
        // Where it was signed in with before rules named a role, that role is still no tag.
        if (known is not null)
            token = token with { OtherRoles = [.. known.OtherRoles.Union(token.OtherRoles)] };
        if (_isRead && known?.SaysTheSameAs(token) == true)
            return;
        _tokens = _tokens.With(token, time.GetUtcNow());
        if (_isRead)
            records.Write(user, _tokens);
    }

    private UserStanding StandingOf(string? tokenId)
    {
        if (!_tokens.IsKnown)
            return revocations.Covers(user, "", issuedAt: null) ? UserStanding.Nobody : UserStanding.Unknown;
        KnownToken[] good = [.. _tokens.Tokens.Where(token => (tokenId is null || token.Id == tokenId) && IsGood(token))];
        var roles = good.SelectMany(token => token.Roles).ToHashSet();
        return new UserStanding(
            good.Length == 0,
            [.. _tokens.Tokens.SelectMany(token => token.Roles).Concat(_tokens.FormerRoles).Distinct().Where(role => !roles.Contains(role))],
            [.. good.SelectMany(token => token.Claims).Distinct()],
            [.. good.SelectMany(token => token.OtherRoles).Distinct()]
        );
    }

    private bool IsGood(KnownToken token) => lifetime.EndOf(token.ExpiresAt, token.IssuedAt) > time.GetUtcNow() && !IsRevoked(token);

    private bool IsRevoked(KnownToken token) => revocations.Covers(user, token.Id, token.IssuedAt, token.TextId);

    /// <summary>Reads what is stored, if that was not done. A store that is away holds nobody up: what was shown since counts meanwhile.</summary>
    private async Task ReadAsync()
    {
        var now = _lastAsked = time.GetUtcNow();
        if (_isRead || now < _readDue)
            return;
        try
        {
            var stored = await records.ReadAsync(user).WaitAsync(ReadTimeout, time);
            var shown = _tokens;
            _tokens = stored.With(shown, now);
            // Another call may have read, and written, meanwhile.
            if (!_isRead && shown.IsKnown)
                records.Write(user, _tokens);
            _isRead = true;
        }
        catch (Exception exception) when (exception is AuthorityStoreException or TimeoutException)
        {
            _readDue = now + ReadInterval;
        }
    }
}
