using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Authority.Tokens;

/// <summary>
/// Writes down which tokens users have shown, many users at once and behind the answers: a sign-in does not wait for a disk, and goes on when the store is
/// away. What was shown less than such a write ago is lost when a silo is killed.
/// </summary>
public sealed partial class TokenRecords(IAuthorityStore store, TimeProvider time, ILogger<TokenRecords> logger) : BackgroundService
{
    /// <summary>Users that may wait to be written while the store is away: some 50 MB. Above that, new ones are not written.</summary>
    private const int MaxWaiting = 100_000;

    private const int BatchSize = 1000;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(6);

    /// <summary>
    /// So long after the end of a user's last token it is known that there was one: a connection of the broker that is older than that is asked for by tags
    /// alone.
    /// </summary>
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wanted = new(0, 1);
    private Dictionary<string, UserTokens> _waiting = [];
    private Dictionary<string, UserTokens> _beingWritten = [];
    private DateTimeOffset _forgetDue;

    /// <summary>Whether nothing waits to be written. While the store is away, all that is shown does.</summary>
    public bool AreWritten
    {
        get
        {
            lock (_gate)
                return _waiting.Count == 0 && _beingWritten.Count == 0;
        }
    }

    /// <summary>What is known of a user.</summary>
    /// <exception cref="AuthorityStoreException">It cannot be read.</exception>
    public async Task<UserTokens> ReadAsync(string user)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(user, out var known) || _beingWritten.TryGetValue(user, out known))
                return known;
        }
        return await store.ReadTokensAsync(user, CancellationToken.None) ?? UserTokens.None;
    }

    /// <summary>Has it written soon.</summary>
    public void Write(string user, UserTokens tokens)
    {
        lock (_gate)
        {
            if (_waiting.Count >= MaxWaiting && !_waiting.ContainsKey(user))
                return;
            _waiting[user] = tokens;
            if (_wanted.CurrentCount == 0)
                _wanted.Release();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (Take() is { Count: > 0 } batch && !cancellationToken.IsCancellationRequested)
        {
            if (!await TryWriteAsync(batch, cancellationToken))
                return;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _forgetDue = time.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            await _wanted.WaitAsync(ForgetInterval, stoppingToken);
            while (Take() is { Count: > 0 } batch)
            {
                if (!await TryWriteAsync(batch, stoppingToken))
                    await Task.Delay(RetryInterval, time, stoppingToken);
            }
            await ForgetAsync(stoppingToken);
        }
    }

    private Dictionary<string, UserTokens> Take()
    {
        lock (_gate)
        {
            _beingWritten = _waiting.Take(BatchSize).ToDictionary();
            if (_beingWritten.Count == _waiting.Count)
                _waiting = [];
            foreach (var user in _beingWritten.Keys)
                _waiting.Remove(user);
            return _beingWritten;
        }
    }

    private async Task<bool> TryWriteAsync(Dictionary<string, UserTokens> batch, CancellationToken cancellationToken)
    {
        try
        {
            await store.WriteTokensAsync(batch, cancellationToken);
            return true;
        }
        catch (Exception fault)
        {
            PutBack(batch);
            // A silo that stops writes it again, last of all.
            cancellationToken.ThrowIfCancellationRequested();
            LogNotWritten(fault.Message);
            return false;
        }
    }

    private void PutBack(Dictionary<string, UserTokens> batch)
    {
        lock (_gate)
        {
            foreach (var (user, tokens) in batch)
                _waiting.TryAdd(user, tokens);
        }
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now < _forgetDue)
            return;
        _forgetDue = now + ForgetInterval;
        try
        {
            await store.ForgetTokensAsync(now - KeptAfterEnd, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogNotWritten(fault.Message);
        }
    }

    [LoggerMessage(1501, LogLevel.Warning, "Which tokens were shown cannot be stored now, it is tried again: {Fault}")]
    private partial void LogNotWritten(string fault);
}
