using System.Collections.Concurrent;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Authority;

/// <summary>
/// Asks again what sessions may when the rules have changed, or the token. A subscription that is not allowed any more ends, and its client is told; so does a
/// session whose user may not enter any more. All others notice nothing.
/// </summary>
internal sealed partial class AccessReview(EdgeAuthority authority, ConnectionTable connections, TimeProvider time, ILogger<AccessReview> logger)
    : BackgroundService
{
    /// <summary>Sessions that are asked for at a time: some thousand a second, and room for those who sign in meanwhile.</summary>
    private const int AtATime = 16;

    /// <summary>From one review to the next, also when silos that have different rules answer in turn, and when one was broken off.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>From a refusal to the question that confirms it.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(500);

    // Without a maximum: what is heard of and what is broken off may release it in the same moment.
    private readonly SemaphoreSlim _changed = new(0);
    private volatile string _rules = "";

    /// <summary>The rules that were in force when a silo was last asked.</summary>
    public string Rules => _rules;

    /// <summary>A silo has these rules.</summary>
    public void OnRules(string rules)
    {
        if (rules == _rules)
            return;
        _rules = rules;
        _changed.Release();
    }

    /// <summary>Ends sessions, or those of their subscriptions, that are not allowed.</summary>
    /// <exception cref="ClusterUnavailableException">No silo answers for a while.</exception>
    public async Task ReviewAsync(IEnumerable<Session> sessions, CancellationToken cancellationToken = default)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken };
        var refused = new ConcurrentBag<(Session Session, Subscription? Subscription)>();
        await Parallel.ForEachAsync(sessions, options, async (session, _) =>
        {
            foreach (var subscription in session.Subscriptions.Prepend(null))
            {
                if (await RefusalOfAsync(session, subscription) is not null)
                    refused.Add((session, subscription));
            }
        });
        if (refused.IsEmpty)
            return;
        // While the broker is away, it cannot say what kind an exchange is, and a key is refused: nobody is sent away for a moment's absence.
        await Task.Delay(AskAgainAfter, time, cancellationToken);
        await Parallel.ForEachAsync(refused, options, async (access, _) =>
        {
            if (await RefusalOfAsync(access.Session, access.Subscription) is { } refusal)
                End(access.Session, access.Subscription, refusal);
        });
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _changed.WaitAsync(stoppingToken);
            // One review is for all changes until now.
            while (_changed.Wait(0, CancellationToken.None)) { }
            var rules = _rules;
            try
            {
                await ReviewAsync(connections.Open.Select(connection => connection.Session), stoppingToken);
                LogReviewed(rules);
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // No silo answers. Whoever was not asked for is asked for then.
                LogBrokenOff(fault.Message);
                _changed.Release();
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private static void End(Session session, Subscription? subscription, StompError refusal)
    {
        // Subscriptions of a token that has ended wait for the next one.
        if (subscription is null || session.HasTokenEnded)
            session.Fail(refusal);
        else
            session.Withdraw(subscription, refusal);
    }

    /// <summary>Why a user may not have the subscription, or for null the session; null when he may.</summary>
    private async Task<StompError?> RefusalOfAsync(Session session, Subscription? subscription)
    {
        if (session.Identity is not { } identity)
            return null;
        if (subscription is null)
            return await authority.MayEnterAsync(identity, session.PeerAddress) ? null : StompErrors.VhostWithdrawn(identity.Vhost, identity.User);
        try
        {
            await subscription.RequireAsync(authority, identity);
            return null;
        }
        catch (StompErrorException refusal)
        {
            return refusal.Error;
        }
    }
}
