using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect.Configuration;
using Microsoft.IdentityModel.Tokens;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>
/// The keys that an issuer publishes. Those that were fetched last stay in force until others are fetched, however long the issuer is away or out of order. A
/// token with a key that is not among them has them fetched again, and waits for that, so that nobody is refused since the issuer has new keys. Who comes when
/// they are too old waits too, so that nobody gets in by a key that the issuer has withdrawn meanwhile; but not while the issuer is known to be away.
/// </summary>
/// <remarks>The framework's <see cref="ConfigurationManager{T}"/> refuses such a token while it fetches in the background, or has all tokens wait.</remarks>
internal sealed partial class IssuerKeys : BaseConfigurationManager
{
    /// <summary>
    /// So often at most an unknown key has them fetched: soon after a rotation, and bearable for the issuer when somebody makes such tokens up.
    /// </summary>
    private static readonly TimeSpan UnknownKeyInterval = TimeSpan.FromSeconds(10);

    /// <summary>So often at most they are fetched while none are known.</summary>
    private static readonly TimeSpan FirstFetchInterval = TimeSpan.FromSeconds(1);

    /// <summary>They are fetched again after that in any case: a key that the issuer has withdrawn counts no longer.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    /// <summary>
    /// For so long after an attempt that failed the issuer counts as away, and nobody waits for the next one. Longer than from one attempt to the next where
    /// people sign in all the time.
    /// </summary>
    private static readonly TimeSpan AwayInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long one fetch, which is several requests, takes at most. Below the broker's patience with an answer (5 s in docker/rabbitmq).</summary>
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(3);

    // A fetch that nobody waits for any more ends by itself.
    private static readonly HttpClient Http = new() { Timeout = 10 * FetchTimeout };

    // Without any key the issuer is out of order.
    private readonly OpenIdConnectConfigurationValidator _validator = new() { MinimumNumberOfKeys = 1 };
    private readonly HttpDocumentRetriever _documents;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private volatile OpenIdConnectConfiguration? _current;
    private Task _underWay = Task.CompletedTask;
    private bool _wasRefreshed;
    private long? _tried;
    private long? _failed;
    private long _fetched;

    public IssuerKeys(string metadataAddress, TimeProvider time, ILogger logger)
    {
        (MetadataAddress, _time, _logger) = (metadataAddress, time, logger);
        _documents = new HttpDocumentRetriever(Http) { RequireHttps = !new Uri(metadataAddress).IsLoopback };
        // It would take tokens of a withdrawn key for another hour.
        UseLastKnownGoodConfiguration = false;
    }

    /// <summary>The keys.</summary>
    /// <exception cref="InvalidOperationException">None were ever fetched, and they cannot be now.</exception>
    public override async Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel)
    {
        if (_current is null)
            await FetchAsync(FirstFetchInterval);
        else if (_time.GetElapsedTime(Interlocked.Read(ref _fetched)) > MaxAge)
            await RenewAsync();
        return _current ?? throw new InvalidOperationException("The issuer's keys cannot be fetched.");
    }

    /// <summary>Fetches the keys again, unless that was done just now, since one was not among those that are known.</summary>
    /// <param name="known">Those that are known.</param>
    /// <returns>Whether there are others now.</returns>
    public async Task<bool> TryRefreshAsync(BaseConfiguration known)
    {
        if (_current == known)
            await FetchAsync(_wasRefreshed ? UnknownKeyInterval : TimeSpan.Zero);
        return _current != known;
    }

    /// <summary>Asked for by the framework's handler, which does not wait for it: see <see cref="TryRefreshAsync"/>.</summary>
    public override void RequestRefresh() { }

    /// <summary>Fetches those that are too old again. Completes at once while the issuer is away: each who signs in would wait for it.</summary>
    private Task RenewAsync()
    {
        lock (_gate)
        {
            var isAway = _failed is { } failed && _time.GetElapsedTime(failed) < AwayInterval;
            var fetching = FetchAsync(UnknownKeyInterval);
            return isAway ? Task.CompletedTask : fetching;
        }
    }

    /// <summary>Fetches them, if that was not tried for so long. One that is under way is waited for.</summary>
    private Task FetchAsync(TimeSpan interval)
    {
        lock (_gate)
        {
            if (!_underWay.IsCompleted || (_tried is { } tried && _time.GetElapsedTime(tried) < interval))
                return _underWay;
            // The first rotation need not wait for the interval.
            _wasRefreshed = _tried is not null;
            _tried = _time.GetTimestamp();
            return _underWay = Task.Run(FetchOnceAsync);
        }
    }

    private async Task FetchOnceAsync()
    {
        try
        {
            // The retriever hands no cancellation on to its requests.
            var fetched = await OpenIdConnectConfigurationRetriever
                .GetAsync(MetadataAddress, _documents, CancellationToken.None)
                .WaitAsync(FetchTimeout, _time);
            if (_validator.Validate(fetched) is { Succeeded: false } result)
                throw new InvalidOperationException(result.ErrorMessage);
            _current = fetched;
            Interlocked.Exchange(ref _fetched, _time.GetTimestamp());
            lock (_gate)
                _failed = null;
        }
        catch (Exception fault)
        {
            lock (_gate)
                _failed = _time.GetTimestamp();
            if (_current is null)
                LogUnreachable(fault.GetType().Name);
            else
                LogNotRefreshed(fault.GetType().Name);
        }
    }
}
