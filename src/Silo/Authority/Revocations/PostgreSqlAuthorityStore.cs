using System.Text.Json;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Silo.Database;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using Npgsql;
using NpgsqlTypes;

namespace NotifyOrleans.Silo.Authority.Revocations;

/// <summary>The store that several silos share: two tables in the outbox's database.</summary>
internal sealed class PostgreSqlAuthorityStore : IAuthorityStore, IAsyncDisposable
{
    /// <summary>One row is read for a user who has not been asked about for a while.</summary>
    private const int Connections = 5;

    /// <summary>Revocations that are deleted at a time, some milliseconds: whoever revokes meanwhile waits for that.</summary>
    private const int PageSize = 1000;

    private readonly NpgsqlDataSource _database;
    private readonly string _connectionString;
    private readonly SchemaMigrations _migrations;
    private readonly SemaphoreSlim _migrating = new(1);
    private volatile bool _isMigrated;

    public PostgreSqlAuthorityStore(string connectionString, ILogger<PostgreSqlAuthorityStore> logger)
    {
        var settings = new NpgsqlConnectionStringBuilder(DatabaseSettings.Read(connectionString).ConnectionString)
        {
            ApplicationName = "notifyorleans-authority",
            MaxPoolSize = Connections,
        };
        _connectionString = settings.ConnectionString;
        _migrations = new SchemaMigrations("authority", typeof(PostgreSqlAuthorityStore), logger);
        _database = NpgsqlDataSource.Create(settings);
    }

    public Task<IReadOnlyList<Revocation>> ReadRevocationsAsync(long after, int limit, CancellationToken cancellationToken) =>
        UseAsync<IReadOnlyList<Revocation>>(
            async () =>
            {
                await using var command = _database.CreateCommand(
                    "SELECT number, user_id, token_id, issued_before, revoked_at FROM authority_revocations WHERE number > $1 ORDER BY number LIMIT $2"
                );
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                var found = new List<Revocation>();
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(
                        new Revocation(
                            reader.GetInt64(0),
                            reader.IsDBNull(1) ? null : reader.GetString(1),
                            reader.IsDBNull(2) ? null : reader.GetString(2),
                            reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3)
                        )
                        {
                            RevokedAt = reader.GetFieldValue<DateTimeOffset>(4),
                        }
                    );
                }
                return found;
            },
            cancellationToken
        );

    public Task<Revocation> AddRevocationAsync(Revocation revocation, CancellationToken cancellationToken) =>
        UseAsync(
            async () =>
            {
                await using var connection = await _database.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                // One after the other: whoever reads behind a number must not pass over a lower one that is committed later.
                await using (var locking = new NpgsqlCommand("LOCK TABLE authority_revocations IN EXCLUSIVE MODE", connection, transaction))
                    await locking.ExecuteNonQueryAsync(cancellationToken);
                await using var command = new NpgsqlCommand(
                    """
                    INSERT INTO authority_revocations (user_id, token_id, issued_before, revoked_at)
                    VALUES ($1, $2, $3, coalesce($4, now())) RETURNING number
                    """,
                    connection,
                    transaction
                )
                {
                    Parameters =
                    {
                        new NpgsqlParameter { Value = (object?)revocation.User ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                        new NpgsqlParameter { Value = (object?)revocation.TokenId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                        new NpgsqlParameter
                        {
                            Value = (object?)revocation.IssuedBefore?.ToUniversalTime() ?? DBNull.Value,
                            NpgsqlDbType = NpgsqlDbType.TimestampTz,
                        },
                        new NpgsqlParameter
                        {
                            Value = (object?)revocation.RevokedAt?.ToUniversalTime() ?? DBNull.Value,
                            NpgsqlDbType = NpgsqlDbType.TimestampTz,
                        },
                    },
                };
                var number = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
                await transaction.CommitAsync(cancellationToken);
                return revocation with { Number = number };
            },
            cancellationToken
        );

    public async Task ForgetRevocationsAsync(DateTimeOffset issuedBefore, CancellationToken cancellationToken)
    {
        while (await ForgetPageAsync(issuedBefore, cancellationToken) == PageSize) { }
    }

    public Task<UserTokens?> ReadTokensAsync(string user, CancellationToken cancellationToken) =>
        UseAsync(
            async () =>
            {
                await using var command = _database.CreateCommand("SELECT tokens FROM authority_tokens WHERE user_id = $1");
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
                return await command.ExecuteScalarAsync(cancellationToken) is byte[] tokens ? JsonSerializer.Deserialize<UserTokens>(tokens) : null;
            },
            cancellationToken
        );

    public Task WriteTokensAsync(IReadOnlyDictionary<string, UserTokens> users, CancellationToken cancellationToken) =>
        UseAsync(
            async () =>
            {
                // In one order for all silos, so that no two wait for each other.
                var ordered = users.OrderBy(user => user.Key, StringComparer.Ordinal).ToArray();
                await using var command = _database.CreateCommand(
                    """
                    INSERT INTO authority_tokens (user_id, last_end, tokens) SELECT * FROM unnest($1, $2, $3)
                    ON CONFLICT (user_id) DO UPDATE SET last_end = excluded.last_end, tokens = excluded.tokens
                    """
                );
                command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(ordered, user => user.Key) });
                command.Parameters.Add(
                    new NpgsqlParameter<DateTimeOffset[]> { TypedValue = Array.ConvertAll(ordered, user => user.Value.LastEnd.ToUniversalTime()) }
                );
                command.Parameters.Add(
                    new NpgsqlParameter<byte[][]> { TypedValue = Array.ConvertAll(ordered, user => JsonSerializer.SerializeToUtf8Bytes(user.Value)) }
                );
                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken
        );

    public Task ForgetTokensAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) =>
        UseAsync(
            async () =>
            {
                await using var command = _database.CreateCommand("DELETE FROM authority_tokens WHERE last_end < $1");
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = endedBefore.ToUniversalTime() });
                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken
        );

    public async ValueTask DisposeAsync() => await _database.DisposeAsync();

    private Task<int> ForgetPageAsync(DateTimeOffset issuedBefore, CancellationToken cancellationToken) =>
        UseAsync(
            async () =>
            {
                // What another silo is deleting is left to it.
                await using var command = _database.CreateCommand(
                    """
                    DELETE FROM authority_revocations WHERE number IN (
                        SELECT number FROM authority_revocations
                        WHERE greatest(revoked_at, issued_before) < $1 AND number < (SELECT max(number) FROM authority_revocations)
                        ORDER BY number LIMIT $2 FOR UPDATE SKIP LOCKED)
                    """
                );
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = issuedBefore.ToUniversalTime() });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken
        );

    private async Task<T> UseAsync<T>(Func<Task<T>> use, CancellationToken cancellationToken)
    {
        try
        {
            await MigrateAsync(cancellationToken);
            return await use();
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or ObjectDisposedException)
        {
            // Someone has put an empty database in its place.
            if (fault is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable })
                _isMigrated = false;
            throw new AuthorityStoreException($"The authority's tables cannot be used: {fault.Message}", fault);
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (_isMigrated)
            return;
        await _migrating.WaitAsync(cancellationToken);
        try
        {
            if (!_isMigrated)
                await _migrations.ApplyAsync(_connectionString, cancellationToken);
            _isMigrated = true;
        }
        finally
        {
            _migrating.Release();
        }
    }
}
