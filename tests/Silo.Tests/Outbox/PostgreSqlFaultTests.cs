using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.PostgreSql;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>
/// What the shared engine does when its database fails, and that it goes on by itself. The server is the class's own; each test begins with it running.
/// </summary>
public sealed class PostgreSqlFaultTests : IClassFixture<PostgreSqlServer>, IAsyncLifetime
{
    private const int Shard = 7;
    private const int Unavailable = 1420;
    private const int Recovered = 1421;

    private readonly PostgreSqlServer _server;
    private readonly LogCapture<PostgreSqlOutboxStore> _log = new();
    private readonly List<PostgreSqlOutboxStore> _stores = [];
    private string _database = "";

    public PostgreSqlFaultTests(PostgreSqlServer server) => _server = server;

    public async Task InitializeAsync()
    {
        if (!_server.IsRunning)
            await _server.StartAsync();
        _database = await _server.CreateDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task ServerKilled_BehindADeletion_DoesNotBringTheRowBack()
    {
        // What is not synced then stays in the server's memory for long.
        await using var server = await PostgreSqlServer.StartNewAsync("wal_writer_delay=10s");
        var store = Open(server.ConnectionString);
        var epoch = await store.OpenShardAsync(Shard, default);
        await store.CommitAsync(new OutboxCommit(Shard, epoch, [Row(epoch, 1)], [], [new UserTally("alice", new MailboxTally(1, 0, 0))]));
        await store.CommitAsync(new OutboxCommit(Shard, epoch, [], [Row(epoch, 1).Key], [new UserTally("alice", default)]));

        await server.KillAsync();
        await server.StartAsync();

        var later = Open(server.ConnectionString);
        Assert.Empty(await later.ReadAsync(Shard, "alice", Place.Start, int.MaxValue, int.MaxValue, default));
        Assert.Equal(0, (await later.ReadTallyAsync(Shard, "alice", default)).Messages);
    }

    [Fact]
    public async Task ServerKilled_InTheMiddleOfCommits_KeepsWhatWasCompleted()
    {
        const int Shards = 8,
            Kills = 3;
        var store = Open();
        var epochs = await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => store.OpenShardAsync(shard, default)));
        using var enough = new CancellationTokenSource();
        var progress = 0;
        var faults = 0;
        var writers = Enumerable.Range(0, Shards).Select(shard => Task.Run(() => WriteAsync(shard))).ToArray();

        for (var kill = 0; kill < Kills; kill++)
        {
            var before = progress;
            await Wait.Until(() => progress > before + 200, "commits to go on");
            await _server.KillAsync();
            await _server.StartAsync();
        }
        var last = progress;
        await Wait.Until(() => progress > last + 50, "commits to go on after the last kill");
        await enough.CancelAsync();
        var written = await Task.WhenAll(writers);

        Assert.NotEqual(0, faults);
        for (var shard = 0; shard < Shards; shard++)
        {
            var rows = await store.ReadAsync(shard, "alice", Place.Start, int.MaxValue, int.MaxValue, default);
            // All that was appended, but for each third one, which was taken away again.
            Assert.Equal(
                Enumerable.Range(1, written[shard]).Where(number => number % 3 != 0 || number > written[shard] - 3),
                rows.Select(row => (int)row.Place.Number)
            );
            Assert.Equal(written[shard], (await store.ReadTallyAsync(shard, "alice", default)).Messages);
        }

        async Task<int> WriteAsync(int shard)
        {
            var number = 0;
            while (!enough.IsCancellationRequested)
            {
                number++;
                var gone = number - 3;
                var commit = new OutboxCommit(
                    shard,
                    epochs[shard],
                    [Row(epochs[shard], number)],
                    gone > 0 && gone % 3 == 0 ? [Row(epochs[shard], gone).Key] : [],
                    [new UserTally("alice", new MailboxTally(number, 0, 0))]
                );
                await RepeatAsync(() => store.CommitAsync(commit));
                Interlocked.Increment(ref progress);
            }
            return number;
        }

        async Task RepeatAsync(Func<Task> commit)
        {
            while (true)
            {
                try
                {
                    await commit();
                    return;
                }
                catch (OutboxUnavailableException)
                {
                    Interlocked.Increment(ref faults);
                    await Wait.Until(() => store.Health.Writable, () => $"the outbox to work again: {store.Health.Reason}");
                }
            }
        }
    }

    [Fact]
    public async Task ServerThatStandsStill_IsSeen_AndHangsNobody()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        await store.CommitAsync(Commit(epoch, Row(epoch, 1)));
        _server.Pause();

        // Begun before anyone can know.
        var commit = store.CommitAsync(Commit(epoch, Row(epoch, 2)));
        var read = ReadNumbersAsync(store);
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => commit.WaitAsync(TimeSpan.FromSeconds(20)));
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => read.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.False(store.Health.Writable);
        Assert.Contains("does not answer in time", store.Health.Reason);
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.CommitAsync(Commit(epoch, Row(epoch, 3))));
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => ReadNumbersAsync(store));

        _server.Resume();
        await RecoverAsync(store);
        // Whatever came of the commit that was given up: from here on it changes nothing any more.
        await store.CommitAsync(Commit(epoch, Row(epoch, 2)));
        await store.CommitAsync(new OutboxCommit(Shard, epoch, [], [Row(epoch, 2).Key], []));
        Assert.Equal(1, Assert.Single(await ReadNumbersAsync(store)));
        Assert.Contains(Unavailable, _log.Entries.Select(entry => entry.Id.Id));
        Assert.Equal(Recovered, _log.Entries[^1].Id.Id);
    }

    [Fact]
    public async Task ServerThatStandsStill_IsSeenWhileNobodyWrites()
    {
        var store = Open();
        await store.OpenShardAsync(Shard, default);
        _server.Pause();

        await Wait.Until(() => !store.Health.Writable, "the outbox to see it");

        _server.Resume();
        await RecoverAsync(store);
    }

    [Fact]
    public async Task ServerAway_AtStart_IsNamed_AndTheOutboxOpensWhenItIsThere()
    {
        await _server.StopAsync();
        var store = Open();
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.OpenShardAsync(Shard, default));
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => ReadNumbersAsync(store));
        Assert.Contains($"127.0.0.1:{_server.Port}", store.Health.Reason);
        Assert.Contains("refused", store.Health.Reason);

        await _server.StartAsync();
        await RecoverAsync(store);

        Assert.Equal(1, await store.OpenShardAsync(Shard, default));
        Assert.Equal(1, _log.Entries.Count(entry => entry.Id.Id == Recovered));
    }

    [Fact]
    public async Task WrongPassword_IsNamed_AndNotShown()
    {
        var store = Open(_database.Replace("Password=", "Password=secret-", StringComparison.Ordinal));

        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.OpenShardAsync(Shard, default));

        Assert.Contains("password authentication failed", store.Health.Reason);
        Assert.DoesNotContain("secret", store.Health.Reason);
        Assert.All(_log.Entries, entry => Assert.DoesNotContain("secret", entry.Message));
    }

    [Fact]
    public async Task FullDisk_StopsWrites_KeepsReads_AndEndsByItself()
    {
        using var folder = new TemporaryFolder();
        using var disk = new Mount(folder.File("disk"), bytes: 24 << 20);
        await PostgreSqlServer.GiveAsync(folder.Path);
        await _server.ExecuteAsync($"CREATE TABLESPACE small LOCATION '{disk.Folder}'");
        await _server.ExecuteAsync("CREATE DATABASE small TABLESPACE small");
        var store = Open(_server.ConnectionStringOf("small"));
        var epoch = await store.OpenShardAsync(Shard, default);
        var stored = 0;
        disk.Fill();

        var fault = await Assert.ThrowsAsync<OutboxUnavailableException>(async () =>
        {
            while (true)
            {
                await store.CommitAsync(Commit(epoch, [.. Enumerable.Range(stored + 1, 100).Select(number => Row(epoch, number))]));
                stored += 100;
            }
        });
        Assert.Contains("No space left on device", fault.Message);
        Assert.False(store.Health.Writable);
        Assert.Equal(Enumerable.Range(1, stored), await ReadNumbersAsync(store));

        disk.MakeRoom();
        await RecoverAsync(store);
        await store.CommitAsync(Commit(epoch, Row(epoch, stored + 1)));
        Assert.Equal(Enumerable.Range(1, stored + 1), await ReadNumbersAsync(store));

        await store.DisposeAsync();
        await _server.ExecuteAsync("DROP DATABASE small");
        await _server.ExecuteAsync("DROP TABLESPACE small");
    }

    [Fact]
    public async Task ReadOnlyDatabase_IsNamed_CanBeRead_AndEndsByItself()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        await store.CommitAsync(Commit(epoch, Row(epoch, 1)));
        var name = PostgreSqlServer.DatabaseOf(_database);
        await _server.ExecuteAsync($"ALTER DATABASE \"{name}\" SET default_transaction_read_only = on");
        await _server.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");

        await Wait.Until(
            () => store.Health.Reason?.Contains("takes no writes", StringComparison.Ordinal) == true,
            () => $"the outbox to see it: {store.Health.Reason}"
        );
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.CommitAsync(Commit(epoch, Row(epoch, 2))));
        Assert.Equal(1, Assert.Single(await ReadNumbersAsync(store)));

        await _server.ExecuteAsync($"ALTER DATABASE \"{name}\" RESET default_transaction_read_only");
        await RecoverAsync(store);
        await store.CommitAsync(Commit(epoch, Row(epoch, 2)));
    }

    [Fact]
    public async Task TwoSilos_InCommitsWhileTheShardChangesHands_AgreeOnWhatCounts()
    {
        PostgreSqlOutboxStore[] silos = [Open(), Open()];
        var epoch = await silos[0].OpenShardAsync(Shard, default);
        for (var round = 0; round < 10; round++)
        {
            var (old, next) = (silos[round % 2], silos[(round + 1) % 2]);
            var confirmed = new List<int>();
            var writing = Task.Run(async () =>
            {
                for (var number = 1; ; number++)
                {
                    await old.CommitAsync(Commit(epoch, Row(epoch, number)));
                    lock (confirmed)
                        confirmed.Add(number);
                }
            });
            await Wait.Until(
                () =>
                {
                    lock (confirmed)
                        return confirmed.Count > 5;
                },
                "the old owner to be in the midst of it"
            );

            var taken = await next.OpenShardAsync(Shard, default);
            var seen = await ReadNumbersAsync(next, epoch);
            await Assert.ThrowsAsync<StaleEpochException>(() => writing);

            // All that the old owner was told is there when the shard is taken, and nothing comes later.
            Assert.Equal(epoch + 1, taken);
            Assert.Empty(confirmed.Except(seen));
            Assert.Equal(seen, await ReadNumbersAsync(next, epoch));
            epoch = taken;
        }
    }

    [Fact]
    public async Task TakingAShard_WaitsForACommitUnderWay()
    {
        var store = Open();
        await store.OpenShardAsync(Shard, default);
        // The owner's commit takes longer than that of the one that takes the shard may wait for a dead owner.
        var commit = _server.ExecuteAsync($"BEGIN; {HalfACommit}; SELECT pg_sleep(1.5); COMMIT", PostgreSqlServer.DatabaseOf(_database));
        await Wait.Until(
            async () => await _server.QueryAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == 1,
            "the commit to be under way"
        );

        Assert.Equal(2, await store.OpenShardAsync(Shard, default));

        Assert.Equal(99, Assert.Single(await ReadNumbersAsync(store)));
        await commit;
    }

    [Fact]
    public async Task TakingAShard_EndsTheCommitOfAnOwnerThatStandsStill()
    {
        var store = Open();
        await store.OpenShardAsync(Shard, default);
        await using var owner = new Npgsql.NpgsqlConnection($"{_database};Pooling=false;Application Name=notifyorleans-outbox");
        await owner.OpenAsync();
        await ExecuteAsync($"BEGIN; {HalfACommit}");

        Assert.Equal(2, await store.OpenShardAsync(Shard, default));

        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => ExecuteAsync("COMMIT"));
        Assert.Empty(await ReadNumbersAsync(store));

        async Task ExecuteAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, owner);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task CommitThatComesLate_BehindOneThatIsNewer_ChangesNothing()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        await _server.ExecuteAsync($"UPDATE outbox_shards SET commit_number = {long.MaxValue} WHERE shard = {Shard}", PostgreSqlServer.DatabaseOf(_database));

        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.CommitAsync(Commit(epoch, Row(epoch, 1))));

        Assert.Empty(await ReadNumbersAsync(store));
        // Whoever takes the shard begins anew.
        epoch = await store.OpenShardAsync(Shard, default);
        await store.CommitAsync(Commit(epoch, Row(epoch, 1)));
    }

    [Fact]
    public async Task EmptyDatabase_InPlaceOfTheOldOne_GetsItsTables()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        await _server.ExecuteAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public", PostgreSqlServer.DatabaseOf(_database));

        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.CommitAsync(Commit(epoch, Row(epoch, 1))));

        await RecoverAsync(store);
        Assert.Equal(1, await store.OpenShardAsync(Shard, default));
    }

    private static string HalfACommit =>
        $"UPDATE outbox_shards SET commit_number = commit_number + 1 WHERE shard = {Shard}; "
        + "INSERT INTO outbox_rows (shard, user_key, epoch, number, expires_at, size, message) "
        + $"VALUES ({Shard}, 'alice', 1, 99, 0, 0, '\\x{Convert.ToHexString(Silo.Outbox.Rows.RowFormat.Write(new(), Row(1, 99)))}')";

    private PostgreSqlOutboxStore Open(string? database = null)
    {
        var store = SharedOutbox.Open(database ?? _database, _log);
        _stores.Add(store);
        return store;
    }

    private static Task RecoverAsync(IOutboxStore store) => Wait.Until(() => store.Health.Writable, () => $"the outbox to work again: {store.Health.Reason}");

    private static OutboxCommit Commit(long epoch, params StoredMessage[] rows) => new(Shard, epoch, rows, [], []);

    private static StoredMessage Row(long epoch, int number) => SampleRow.Create("alice", new Place(epoch, number), $"id-{epoch}-{number}");

    private static async Task<int[]> ReadNumbersAsync(IOutboxStore store, long? epoch = null) =>
        [
            .. (await store.ReadAsync(Shard, "alice", Place.Start, int.MaxValue, int.MaxValue, default))
                .Where(row => epoch is null || row.Place.Epoch == epoch)
                .Select(row => (int)row.Place.Number),
        ];
}
