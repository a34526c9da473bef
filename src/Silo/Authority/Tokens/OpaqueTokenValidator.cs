using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Issuers;
using NotifyOrleans.Grains.Authority.Tokens;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>
/// Judges tokens that only their issuer can read, by asking it (RFC 7662). Answers are kept for a while, and so many at most; a token that is shown by many at
/// once is asked about once. An issuer that cannot be asked vouches for nobody.
/// </summary>
internal sealed partial class OpaqueTokenValidator : IDisposable
{
    /// <summary>
    /// How long "not active" counts: a client that goes on trying is not passed on to the issuer each time, and a token that was issued a moment ago, and is
    /// not known everywhere at the issuer, is taken soon.
    /// </summary>
    private static readonly TimeSpan RefusedCacheTime = TimeSpan.FromSeconds(5);

    private readonly Issuer[] _issuers;
    private readonly ConcurrentDictionary<string, Task<Introspection>> _underWay = new();
    private readonly AuthorityMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public OpaqueTokenValidator(IOptions<AuthorityOptions> options, AuthorityMetrics metrics, TimeProvider time, ILogger<OpaqueTokenValidator> logger)
    {
        (_metrics, _time, _logger) = (metrics, time, logger);
        _issuers =
        [
            .. options.Value.Issuers.Where(issuer => issuer.Introspection.Address.Length > 0).Select(issuer => new Issuer(issuer, options.Value, time)),
        ];
    }

    /// <summary>Whether any issuer is asked about tokens.</summary>
    public bool IsConfigured => _issuers.Length > 0;

    /// <summary>Whether that issuer is.</summary>
    public bool Takes(string issuer) => Array.Exists(_issuers, known => known.Name == issuer);

    /// <summary>What the token says, or null when no issuer vouches for it.</summary>
    /// <param name="token">The token.</param>
    /// <param name="issuer">Whose it is; null when it does not say.</param>
    public async Task<VerifiedToken?> ValidateAsync(string token, string? issuer)
    {
        var reason = "issuer";
        foreach (var asked in _issuers.Where(known => issuer is null || known.Name == issuer))
        {
            var answer = await FindAsync(asked, token);
            if (answer.Token is { } verified)
                return verified;
            // Of several that are asked, one knows the token, if any does.
            if (reason is "issuer" or "inactive")
                reason = answer.Refusal;
        }
        _metrics.TokenRefused(reason);
        LogTokenRefused(reason);
        return null;
    }

    public void Dispose()
    {
        foreach (var issuer in _issuers)
            issuer.Dispose();
    }

    /// <summary>The token itself is no key of anything: what is kept tells nobody a token.</summary>
    private async Task<Introspection> FindAsync(Issuer issuer, string token)
    {
        var key = $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))} {issuer.Name}";
        if (issuer.Answers.TryGetValue(key, out Introspection? known))
            return known!;
        var asking = new TaskCompletionSource<Introspection>(TaskCreationOptions.RunContinuationsAsynchronously);
        var underWay = _underWay.GetOrAdd(key, asking.Task);
        if (underWay != asking.Task)
            return await underWay;
        var answer = await AskAsync(issuer, token);
        Keep(issuer, key, answer);
        _underWay.TryRemove(key, out _);
        asking.SetResult(answer);
        return answer;
    }

    private async Task<Introspection> AskAsync(Issuer issuer, string token)
    {
        try
        {
            var answer = await issuer.Endpoint.AskAsync(token);
            _metrics.Introspected(answer.Token is null ? "refused" : "active");
            return answer;
        }
        catch (Exception fault)
        {
            // Its text can hold what the issuer has answered.
            _metrics.Introspected("failed");
            LogIssuerUnreachable(fault.GetType().Name);
            return Introspection.Failed;
        }
    }

    private void Keep(Issuer issuer, string key, Introspection answer)
    {
        var now = _time.GetUtcNow();
        var most = answer.Token is null && issuer.CacheTime > RefusedCacheTime ? RefusedCacheTime : issuer.CacheTime;
        var end = answer.Token is { } token && token.ExpiresAt < now + most ? token.ExpiresAt : now + most;
        if (answer == Introspection.Failed || end <= now)
            return;
        issuer.Answers.Set(
            key,
            answer,
            new MemoryCacheEntryOptions
            {
                AbsoluteExpirationRelativeToNow = end - now,
                Size = 1,
                // Somebody who makes tokens up does not drive out the good ones.
                Priority = answer.Token is null ? CacheItemPriority.Low : CacheItemPriority.Normal,
            }
        );
    }

    /// <summary>An issuer, and what it has answered.</summary>
    private sealed class Issuer(IssuerOptions options, AuthorityOptions authority, TimeProvider time) : IDisposable
    {
        public string Name => options.Issuer;

        public TimeSpan CacheTime => options.Introspection.CacheTime;

        public IntrospectionEndpoint Endpoint { get; } = new(options, authority, time);

        public MemoryCache Answers { get; } = new(new MemoryCacheOptions { SizeLimit = options.Introspection.MaxCached });

        public void Dispose()
        {
            Endpoint.Dispose();
            Answers.Dispose();
        }
    }
}
