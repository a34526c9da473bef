using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Outbox;
using RocksDbSharp;

namespace NotifyOrleans.Silo.Authority.Revocations;

/// <summary>
/// The store of a single silo: a small RocksDB of its own in the outbox's folder. Keys: 01 number (8 bytes, big-endian) for a revocation, 02 user (UTF-8) for
/// the user's tokens; values are JSON.
/// </summary>
internal sealed class RocksDbAuthorityStore(IOptions<OutboxOptions> options) : IAuthorityStore, IDisposable
{
    private const byte RevocationKind = 1;
    private const byte TokensKind = 2;

    /// <summary>Rows that are looked through at a time, some milliseconds.</summary>
    private const int PageSize = 1000;

    // Little is written, and hardly anything read.
    private const ulong WriteBufferBytes = 2 << 20;

    private readonly Lock _gate = new();
    private readonly string _folder = Path.GetFullPath(Path.Combine(options.Value.Path, "authority"));
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);

    // Of a process that is killed nothing is lost; of a machine without power the last moments are.
    private readonly WriteOptions _unsynced = new();
    private RocksDb? _database;
    private bool _isClosed;

    public Task<IReadOnlyList<Revocation>> ReadRevocationsAsync(long after, int limit, CancellationToken cancellationToken) =>
        Use<IReadOnlyList<Revocation>>(database =>
        {
            var found = new List<Revocation>();
            using var iterator = database.NewIterator();
            for (iterator.Seek(KeyOf(after + 1)); found.Count < limit && iterator.Valid() && iterator.Key()[0] == RevocationKind; iterator.Next())
                found.Add(JsonSerializer.Deserialize<Revocation>(iterator.Value())!);
            return found;
        });

    public Task<Revocation> AddRevocationAsync(Revocation revocation, CancellationToken cancellationToken) =>
        Use(database =>
        {
            var numbered = revocation with { Number = LastNumber(database) + 1 };
            database.Put(KeyOf(numbered.Number), JsonSerializer.SerializeToUtf8Bytes(numbered), writeOptions: _synced);
            return numbered;
        });

    public async Task ForgetRevocationsAsync(DateTimeOffset issuedBefore, CancellationToken cancellationToken)
    {
        for (byte[]? from = [RevocationKind]; from is not null; await Task.Yield())
        {
            cancellationToken.ThrowIfCancellationRequested();
            from = await Use(database =>
            {
                var last = LastNumber(database);
                return ForgetPage<Revocation>(database, from, revocation => revocation.Number < last && revocation.LastIssue() < issuedBefore);
            });
        }
    }

    public Task<UserTokens?> ReadTokensAsync(string user, CancellationToken cancellationToken) =>
        Use(database => database.Get(KeyOf(user)) is { } value ? JsonSerializer.Deserialize<UserTokens>(value) : null);

    public Task WriteTokensAsync(IReadOnlyDictionary<string, UserTokens> users, CancellationToken cancellationToken) =>
        Use(database =>
        {
            using var batch = new WriteBatch();
            foreach (var (user, tokens) in users)
                batch.Put(KeyOf(user), JsonSerializer.SerializeToUtf8Bytes(tokens));
            database.Write(batch, _unsynced);
            return true;
        });

    public async Task ForgetTokensAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        // In pages: whoever signs in meanwhile waits for one of them, not for all users.
        for (byte[]? from = [TokensKind]; from is not null; await Task.Yield())
        {
            cancellationToken.ThrowIfCancellationRequested();
            from = await Use(database => ForgetPage<UserTokens>(database, from, tokens => tokens.LastEnd < endedBefore));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _database?.Dispose();
            _database = null;
        }
    }

    /// <summary>One at a time: it takes microseconds, and a revocation's number must be its own.</summary>
    private Task<T> Use<T>(Func<RocksDb, T> use)
    {
        try
        {
            lock (_gate)
                return Task.FromResult(use(_database ??= Open()));
        }
        catch (Exception fault) when (fault is RocksDbException or IOException or UnauthorizedAccessException)
        {
            // After a write that failed RocksDB takes no more until it is opened anew.
            lock (_gate)
            {
                _database?.Dispose();
                _database = null;
            }
            return Task.FromException<T>(new AuthorityStoreException($"The authority's store in {_folder} cannot be used: {fault.Message}", fault));
        }
        catch (AuthorityStoreException fault)
        {
            return Task.FromException<T>(fault);
        }
    }

    private RocksDb Open()
    {
        if (_isClosed)
            throw new AuthorityStoreException($"The authority's store in {_folder} is closed.");
        Directory.CreateDirectory(_folder);
        return RocksDb.Open(
            new DbOptions().SetCreateIfMissing().SetWriteBufferSize(WriteBufferBytes).SetInfoLogLevel(InfoLogLevel.Warn).SetKeepLogFileNum(2),
            _folder
        );
    }

    /// <summary>Looks through one page of rows of a kind.</summary>
    /// <returns>Where the next page begins; null when there is none.</returns>
    private static byte[]? ForgetPage<T>(RocksDb database, byte[] from, Func<T, bool> isForgotten)
    {
        using var iterator = database.NewIterator();
        iterator.Seek(from);
        for (var looked = 0; iterator.Valid() && iterator.Key()[0] == from[0]; iterator.Next())
        {
            if (looked++ == PageSize)
                return iterator.Key();
            if (isForgotten(JsonSerializer.Deserialize<T>(iterator.Value())!))
                database.Remove(iterator.Key());
        }
        return null;
    }

    private static long LastNumber(RocksDb database)
    {
        using var iterator = database.NewIterator();
        iterator.SeekForPrev(KeyOf(long.MaxValue));
        return iterator.Valid() && iterator.Key()[0] == RevocationKind ? BinaryPrimitives.ReadInt64BigEndian(iterator.Key().AsSpan(1)) : 0;
    }

    private static byte[] KeyOf(long number)
    {
        var key = new byte[1 + sizeof(long)];
        key[0] = RevocationKind;
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(1), number);
        return key;
    }

    private static byte[] KeyOf(string user) => [TokensKind, .. Encoding.UTF8.GetBytes(user)];
}
