namespace NotifyOrleans.Silo.Cluster;

/// <summary>
/// The membership table as Orleans sees it: while its database is away, reading takes longer, in place of failing. Orleans would end a silo that cannot read it
/// at start, and would wait up to a minute between attempts later on, a minute in which a silo that has died stays in the table.
/// </summary>
/// <param name="store">The table in its database.</param>
/// <param name="prepare">Brings the database to the version that this program needs.</param>
/// <param name="state">What health says of it.</param>
/// <param name="lifetime">When the silo is told to stop nothing is waited for any more.</param>
/// <param name="time">Clock of the attempts.</param>
/// <param name="logger">One line when the table goes, and one when it is back.</param>
internal sealed partial class PatientMembershipTable(
    IMembershipTable store,
    Func<CancellationToken, Task> prepare,
    MembershipTableState state,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<PatientMembershipTable> logger
) : IMembershipTable
{
    /// <summary>Between attempts: a database that comes back is noticed well within the time in which a dead silo is to be voted out.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    public Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken) =>
        UntilAnsweredAsync(
            async cancel =>
            {
                await prepare(cancel);
                await store.InitializeMembershipTableAsync(tryInitTableVersion, cancel);
                return true;
            },
            cancellationToken
        );

    public Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken) => UntilAnsweredAsync(store.ReadAllAsync, cancellationToken);

    public Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken) =>
        UntilAnsweredAsync(cancel => store.ReadRowAsync(key, cancel), cancellationToken);

    // Of a write that failed nobody knows whether it was made: Orleans reads the table again before it goes on.
    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken) =>
        NotedAsync(cancel => store.InsertRowAsync(entry, tableVersion, cancel), cancellationToken);

    public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken) =>
        NotedAsync(cancel => store.UpdateRowAsync(entry, etag, tableVersion, cancel), cancellationToken);

    public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken) =>
        UntilAnsweredAsync(
            async cancel =>
            {
                // The time of this attempt, and not of the first.
                entry.IAmAliveTime = time.GetUtcNow().UtcDateTime;
                await store.UpdateIAmAliveAsync(entry, cancel);
                return true;
            },
            cancellationToken
        );

    public Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken) =>
        store.DeleteMembershipTableEntriesAsync(clusterId, cancellationToken);

    public Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken) =>
        store.CleanupDefunctSiloEntriesAsync(beforeDate, cancellationToken);

    private async Task<T> UntilAnsweredAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await NotedAsync(call, cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested)
            {
                using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
                await Task.Delay(RetryInterval, time, stopping.Token);
            }
        }
    }

    private async Task<T> NotedAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await call(cancellationToken);
            if (state.Answered())
                LogBack();
            return answer;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (state.Failed(exception))
                LogAway(exception.Message);
            throw;
        }
    }
}
