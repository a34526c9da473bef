using System.Collections.Concurrent;

namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <summary>
/// What has been revoked, ready to be asked for each token. A user costs one entry however often he is revoked, and so does everybody; they are kept until they
/// are to be forgotten.
/// </summary>
public sealed class RevocationList
{
    private readonly ConcurrentDictionary<string, (DateTimeOffset IssuedBefore, DateTimeOffset LastIssue)> _users = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _tokens = new();
    private long _everybody = DateTimeOffset.MinValue.UtcTicks;

    public void Add(Revocation revocation)
    {
        var last = revocation.LastIssue() ?? DateTimeOffset.MaxValue;
        if (revocation.TokenId is { } token)
            _tokens.AddOrUpdate(token, last, (_, known) => Later(known, last));
        else if (revocation.IssuedBefore is not { } time)
            return;
        else if (revocation.User is { } user)
            _users.AddOrUpdate(user, (time, last), (_, known) => (Later(known.IssuedBefore, time), Later(known.LastIssue, last)));
        else
            InterlockedMax(time.UtcTicks);
    }

    /// <summary>
    /// Forgets what concerns only tokens that were issued before a time; but for what concerns everybody, which is one entry. Looks through all of it.
    /// </summary>
    public void Forget(DateTimeOffset issuedBefore)
    {
        // An entry that has become another one meanwhile stays.
        foreach (var user in _users.Where(user => user.Value.LastIssue < issuedBefore))
            _users.TryRemove(user);
        foreach (var token in _tokens.Where(token => token.Value < issuedBefore))
            _tokens.TryRemove(token);
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
            || (_users.TryGetValue(user, out var before) && issued < before.IssuedBefore.UtcTicks)
            || _tokens.ContainsKey(tokenId)
            || (textId is not null && _tokens.ContainsKey(textId));
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private void InterlockedMax(long ticks)
    {
        long known;
        while ((known = Interlocked.Read(ref _everybody)) < ticks && Interlocked.CompareExchange(ref _everybody, ticks, known) != known) { }
    }
}
