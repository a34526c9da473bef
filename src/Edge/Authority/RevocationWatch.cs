using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Edge.Authority;

/// <summary>
/// Asks four times a second what was revoked, of any silo, and ends the sessions that it concerns. What was missed while no silo answered is told then. Hears
/// of changed rules in the same breath.
/// </summary>
internal sealed partial class RevocationWatch(
    ClusterConnection cluster,
    ConnectionTable connections,
    AccessReview review,
    TimeProvider time,
    ILogger<RevocationWatch> logger
) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>A question that went to a gateway which was lost is answered by nobody; the next one takes another.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly RevocationList _revoked = new();
    private long _last;
    private DateTimeOffset _forgottenBefore = DateTimeOffset.MinValue;

    /// <summary>Whether the token that somebody has signed in with is revoked, as far as the edge knows.</summary>
    public bool Covers(Identity identity) => _revoked.Covers(identity.User, identity.TokenId, identity.IssuedAt, identity.TextId);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                while (await AskAsync(stoppingToken)) { }
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogNotAsked(exception.Message);
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    /// <summary>Takes one page of news.</summary>
    /// <returns>Whether there may be more.</returns>
    private async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        var page = await cluster
            .CallAsync<IAuthorityGrain, RevocationPage>(0, grain => grain.GetRevocationsAsync(_last))
            .WaitAsync(Timeout, time, cancellationToken);
        review.OnRules(page.Rules);
        // A silo that knows less has only just begun to read, or its store is another one: nothing of what it tells is passed over.
        if (page.Last < _last)
            _last = 0;
        Forget(page.ForgottenBefore);
        if (page.Revocations is not [.., var newest])
            return false;
        foreach (var revocation in page.Revocations)
            _revoked.Add(revocation);
        _last = newest.Number;
        foreach (var connection in connections.Open)
            connection.EndIfRevoked(this);
        return newest.Number < page.Last;
    }

    /// <summary>Looks through all that is known, when a silo has done so; the page has nothing that is to be forgotten.</summary>
    private void Forget(DateTimeOffset? issuedBefore)
    {
        if (issuedBefore is not { } time || time <= _forgottenBefore)
            return;
        _forgottenBefore = time;
        _revoked.Forget(time);
    }
}
