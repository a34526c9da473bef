using System.Data;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Database;
using Npgsql;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>
/// The database as one silo uses it: a connection that writes, a pool that reads. Says whether it can be written, and connects anew when it could not.
/// Whatever does not answer in time is given up, so nobody waits for a database that stands still.
/// </summary>
internal sealed partial class OutboxDatabase : IAsyncDisposable
{
    /// <summary>A commit that takes longer may wait for a silo that stands still in the middle of a commit.</summary>
    private static readonly TimeSpan BlockedAfter = TimeSpan.FromSeconds(1);

    /// <summary>What a check may take: it changes nothing and reads next to nothing.</summary>
    private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(3);

    private readonly string _place;
    private readonly ILogger _logger;
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly NpgsqlDataSource _writers;
    private readonly NpgsqlDataSource _readers;
    private readonly SemaphoreSlim _freeReaders;
    private readonly TimeSpan _limit;
    private readonly SchemaMigrations _migrations;
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NpgsqlConnection? _connection;
    private Task _underWay = Task.CompletedTask;
    private volatile DatabaseFault? _fault;
    private bool _isMigrated;

    public OutboxDatabase(string connectionString, ILogger logger)
    {
        _logger = logger;
        _settings = DatabaseSettings.Read(connectionString);
        _place = $"{_settings.Database} at {_settings.Host}:{_settings.Port}";
        _limit = TimeSpan.FromSeconds(_settings.CommandTimeout);
        _migrations = OutboxSchema.Migrations(logger);
        // The writer's connection is not pooled: it has settings of its own.
        _writers = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { Pooling = false });
        var readers = Math.Max(1, _settings.MaxPoolSize - 1);
        _readers = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { MaxPoolSize = readers });
        _freeReaders = new SemaphoreSlim(readers);
        _fault = new DatabaseFault($"The outbox's database {_place} has not answered yet.", IsReadable: false);
    }

    public OutboxHealth Health => _fault is { } fault ? new OutboxHealth(false, fault.Reason) : new OutboxHealth(true, null);

    /// <summary>Whether it is known that commits would fail: not before it was tried once.</summary>
    public bool Refuses => _tried.Task.IsCompleted && _fault is not null;

    /// <summary>Bytes that the outbox of all silos takes, as of the last check.</summary>
    public long DiskBytes { get; private set; }

    /// <summary>Looks whether commits would work, and connects first when there is no connection. Never fails: <see cref="Health"/> tells.</summary>
    public async Task CheckAsync()
    {
        try
        {
            if (_connection is null)
                await ConnectAsync();
            else
                await Start(CheckAsync(_connection)).WaitAsync(CheckLimit);
            if (_fault is not null && _tried.Task.IsCompleted)
                LogRecovered(_place);
            _fault = null;
        }
        catch (Exception fault)
        {
            GiveUp(fault);
        }
        _tried.TrySetResult();
    }

    /// <summary>Writes a group.</summary>
    /// <exception cref="OutboxUnavailableException">Nothing was written, or it was and repeating it does no harm. The connection was given up; the next check
    /// makes a new one.</exception>
    public async Task<GroupResult> WriteAsync(CommitGroup group)
    {
        var connection = _connection!;
        var writing = Start(WriteAsync(connection, group));
        try
        {
            try
            {
                return await writing.WaitAsync(BlockedAfter);
            }
            catch (TimeoutException) when (!writing.IsCompleted)
            {
                await EndBlockersAsync(connection.ProcessID);
                return await writing.WaitAsync(_limit);
            }
        }
        catch (Exception fault)
        {
            GiveUp(fault);
            throw new OutboxUnavailableException(_fault!.Reason, fault);
        }
    }

    /// <summary>Reads on a connection of the pool.</summary>
    /// <exception cref="OutboxUnavailableException">It cannot be read.</exception>
    public async Task<T> ReadAsync<T>(string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, Task<T>> read, CancellationToken cancellationToken)
    {
        await _tried.Task.WaitAsync(cancellationToken);
        await _freeReaders.WaitAsync(cancellationToken);
        // Not cancelled by the caller's token: that would be a second connection, to end what takes less than a millisecond.
        var reading = ReadAsync(sql, parameters, read);
        try
        {
            return await reading.WaitAsync(_limit, cancellationToken);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException)
        {
            throw new OutboxUnavailableException(DatabaseFault.Of(_place, fault).Reason, fault);
        }
    }

    /// <summary>Reads rows on a connection of the pool.</summary>
    /// <param name="sql">One statement.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="readRow">Reads the row at which the reader stands.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OutboxUnavailableException">They cannot be read.</exception>
    public Task<IReadOnlyList<T>> ReadRowsAsync<T>(
        string sql,
        NpgsqlParameter[] parameters,
        Func<NpgsqlDataReader, T> readRow,
        CancellationToken cancellationToken
    ) =>
        ReadAsync<IReadOnlyList<T>>(
            sql,
            parameters,
            async reader =>
            {
                var rows = new List<T>();
                while (await reader.ReadAsync())
                    rows.Add(readRow(reader));
                return rows;
            },
            cancellationToken
        );

    /// <summary>Changes something beside the outbox, on a connection of the pool, by one statement.</summary>
    /// <exception cref="OutboxUnavailableException">Nothing was changed, or it was and the database did not say so.</exception>
    public Task ExecuteAsync(string sql, params NpgsqlParameter[] parameters) =>
        ReadAsync(sql, parameters, reader => Task.FromResult(reader.RecordsAffected), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _fault = new DatabaseFault("The outbox is closed.", IsReadable: false);
        _tried.TrySetResult();
        if (_connection is { } connection)
            await connection.DisposeAsync();
        await _writers.DisposeAsync();
        await _readers.DisposeAsync();
    }

    private async Task ConnectAsync()
    {
        if (!_isMigrated)
            await _migrations.ApplyAsync(_settings.ConnectionString, CancellationToken.None);
        _isMigrated = true;
        _connection = await _writers.OpenConnectionAsync();
        await Start(ProbeAsync(_connection)).WaitAsync(_limit);
    }

    /// <summary>Remembers what is under way on the connection, for when it is given up.</summary>
    private T Start<T>(T work)
        where T : Task
    {
        _underWay = work;
        return work;
    }

    private async Task ProbeAsync(NpgsqlConnection connection)
    {
        await CheckAsync(connection);
        // Arrays are of any length, and the tables of any size: plans that suit both, in place of one for each call.
        await ExecuteAsync("SET plan_cache_mode = force_generic_plan");
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(OutboxStatements.Probe);
        await transaction.RollbackAsync();

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private async Task CheckAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(OutboxStatements.Check, connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        if (!reader.GetBoolean(0))
            throw new ReadOnlyException("it takes no writes (a standby, or default_transaction_read_only)");
        DiskBytes = reader.GetInt64(1);
    }

    private static async Task<GroupResult> WriteAsync(NpgsqlConnection connection, CommitGroup group)
    {
        GroupResult result;
        await using (var batch = group.ToBatch(connection))
        await using (var reader = await batch.ExecuteReaderAsync())
            result = await group.ReadResultAsync(reader);
        return group.Epochs.Count == result.Claimed.Count ? result : result with { Current = await ReadEpochsAsync(connection, group) };
    }

    private static async Task<Dictionary<int, long>> ReadEpochsAsync(NpgsqlConnection connection, CommitGroup group)
    {
        await using var command = new NpgsqlCommand(OutboxStatements.ReadEpochs, connection) { Parameters = { GroupStatements.Shards(group.Epochs.Keys) } };
        await using var reader = await command.ExecuteReaderAsync();
        var epochs = new Dictionary<int, long>();
        while (await reader.ReadAsync())
            epochs.Add(reader.GetInt16(0), reader.GetInt64(1));
        return epochs;
    }

    private async Task EndBlockersAsync(int backend)
    {
        try
        {
            if (
                await ReadAsync(OutboxStatements.EndBlockers, [new NpgsqlParameter<int> { TypedValue = backend }], CountAsync, CancellationToken.None)
                is > 0
                    and var ended
            )
                LogBlockersEnded(ended);
        }
        catch (OutboxUnavailableException)
        {
            // The commit that waits will have the same fault.
        }

        static async Task<int> CountAsync(NpgsqlDataReader reader)
        {
            var count = 0;
            while (await reader.ReadAsync())
                count++;
            return count;
        }
    }

    private async Task<T> ReadAsync<T>(string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, Task<T>> read)
    {
        try
        {
            if (_fault is { IsReadable: false } fault)
                throw new OutboxUnavailableException(fault.Reason);
            await using var command = _readers.CreateCommand(sql);
            command.Parameters.AddRange(parameters);
            await using var reader = await command.ExecuteReaderAsync();
            return await read(reader);
        }
        finally
        {
            _freeReaders.Release();
        }
    }

    private void GiveUp(Exception exception)
    {
        var fault = DatabaseFault.Of(_place, exception);
        // Someone has put an empty database in its place.
        if (exception is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable })
            _isMigrated = false;
        if (_fault?.Reason != fault.Reason)
            LogUnavailable(fault.Reason);
        _fault = fault;
        if (_connection is { } connection)
            _ = DisposeAsync(connection, _underWay);
        _connection = null;
    }

    /// <summary>What is still under way on the connection ends with it.</summary>
    private static async Task DisposeAsync(NpgsqlConnection connection, Task underWay)
    {
        await underWay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await connection.DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // It was broken already.
        }
    }
}
