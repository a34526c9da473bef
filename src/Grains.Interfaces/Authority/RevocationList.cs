using System.Collections.Concurrent;

namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <summary>
/// What has been revoked, ready to be asked for each token. It only grows: a user costs one entry however often he is revoked, and so does everybody.
/// </summary>
public sealed class RevocationList
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _users = new();
    private readonly ConcurrentDictionary<string, byte> _tokens = new();
    private long _everybody = DateTimeOffset.MinValue.UtcTicks;

    public void Add(Revocation revocation)
    {
        if (revocation.TokenId is { } token)
            _tokens.TryAdd(token, 0);
        else if (revocation.IssuedBefore is not { } time)
            return;
        else if (revocation.User is { } user)
            _users.AddOrUpdate(user, time, (_, before) => before > time ? before : time);
        else
            InterlockedMax(time.UtcTicks);
    }

    /// <summary>Whether a token is not taken any more.</summary>
    /// <param name="user">Its bearer.</param>
    /// <param name="tokenId">Its id; empty when nothing is known of it.</param>
    /// <param name="issuedAt">Its <c>iat</c>; a token without one is as old as can be.</param>
    /// <param name="textId">What its id would have been before: revocations by it still count.</param>
    public bool Covers(string user, string tokenId, DateTimeOffset? issuedAt, string? textId = null)
    {
        var issued = (issuedAt ?? DateTimeOffset.MinValue).UtcTicks;
        return issued < Interlocked.Read(ref _everybody)
            || (_users.TryGetValue(user, out var before) && issued < before.UtcTicks)
            || _tokens.ContainsKey(tokenId)
            || (textId is not null && _tokens.ContainsKey(textId));
    }

    private void InterlockedMax(long ticks)
    {
        long known;
        while ((known = Interlocked.Read(ref _everybody)) < ticks && Interlocked.CompareExchange(ref _everybody, ticks, known) != known)
        {
        }
    }
}
