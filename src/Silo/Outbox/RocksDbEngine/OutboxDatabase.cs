using NotifyOrleans.Grains.Outbox;
using RocksDbSharp;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>
/// The database in its folder: opens it, says whether it can be written, and opens it anew when it could not.
/// RocksDB refuses all writes after one has failed, until it is opened again; what it has is readable meanwhile.
/// </summary>
internal sealed partial class OutboxDatabase : IDisposable
{
    /// <summary>Layout of keys and values as a whole; a folder with a later one is left alone.</summary>
    private const byte FormatVersion = 1;

    /// <summary>What must fit before it is worth while to open a database: more than a full disk's last page.</summary>
    private const int ProbeBytes = 64 << 10;

    /// <summary>Room for the files that opening writes beside the rows.</summary>
    private const int OpeningBytes = 1 << 20;

    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly DbOptions _options = DatabaseSettings.Create();
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);
    private readonly WriteOptions _unsynced = new();

    /// <summary>Held for reading by whoever uses the database, for writing while it is exchanged.</summary>
    private readonly ReaderWriterLockSlim _use = new();

    private RocksDb? _database;
    private volatile string? _fault;

    public OutboxDatabase(string folder, ILogger logger)
    {
        _folder = Path.GetFullPath(folder);
        _logger = logger;
        TryOpen();
    }

    public OutboxHealth Health => _fault is { } fault ? new OutboxHealth(false, fault) : new OutboxHealth(true, null);

    /// <exception cref="OutboxUnavailableException">It is not open, or cannot be read.</exception>
    public T Read<T>(Func<RocksDb, T> read)
    {
        _use.EnterReadLock();
        try
        {
            return read(_database ?? throw new OutboxUnavailableException(_fault!));
        }
        catch (RocksDbException fault)
        {
            throw new OutboxUnavailableException($"The outbox in {_folder} cannot be read: {fault.Message}", fault);
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    /// <exception cref="OutboxUnavailableException">It could not be written; nothing will be until <see cref="TryRecover"/> has been successful.</exception>
    public void Write(WriteBatch batch, bool sync)
    {
        _use.EnterReadLock();
        try
        {
            if (_fault is { } known)
                throw new OutboxUnavailableException(known);
            _database!.Write(batch, sync ? _synced : _unsynced);
        }
        catch (RocksDbException fault)
        {
            SetFault($"The outbox in {_folder} cannot be written: {fault.Message}");
            throw new OutboxUnavailableException(_fault!, fault);
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    /// <summary>Opens it anew after a fault, once there is room. Reading goes on until then.</summary>
    public void TryRecover()
    {
        if (_fault is null || (_database is not null && !HasRoom()))
            return;
        Close();
        TryOpen();
    }

    /// <summary>Bytes that the folder's files take.</summary>
    public long MeasureDisk()
    {
        var folder = new DirectoryInfo(_folder);
        return folder.Exists ? folder.EnumerateFiles().Sum(file => file.Exists ? file.Length : 0) : 0;
    }

    /// <summary>Waits for those who are reading. The lock stays: who comes later is told that the outbox is closed.</summary>
    public void Dispose() => Close();

    private void TryOpen()
    {
        try
        {
            Directory.CreateDirectory(_folder);
            Probe();
            var database = RocksDb.Open(_options, _folder);
            try
            {
                CheckFormat(database);
            }
            catch
            {
                database.Dispose();
                throw;
            }
            Exchange(database);
            if (_fault is not null)
                LogRecovered(_folder);
            _fault = null;
        }
        catch (Exception fault) when (fault is RocksDbException or IOException or UnauthorizedAccessException or OutboxUnavailableException)
        {
            SetFault(Explain(fault));
        }
    }

    private void CheckFormat(RocksDb database)
    {
        if (database.Get(OutboxKeys.Format) is not { } format)
            database.Put(OutboxKeys.Format, [FormatVersion], writeOptions: _synced);
        else if (format is not [FormatVersion])
            throw new OutboxUnavailableException($"it has format {Convert.ToHexString(format)}, and this version of the silo reads format {FormatVersion:X2}");
    }

    private string Explain(Exception fault) =>
        fault.Message.Contains("While lock file", StringComparison.Ordinal) || fault.Message.Contains("lock hold by current process", StringComparison.Ordinal)
            ? $"The outbox in {_folder} is in use by another process."
            : $"The outbox in {_folder} cannot be opened: {fault.Message}";

    /// <summary>Opening writes the log's rows into a table file, compressed to about half.</summary>
    private bool HasRoom()
    {
        try
        {
            var log = new DirectoryInfo(_folder).EnumerateFiles("*.log").Sum(file => file.Length);
            if (new DriveInfo(_folder).AvailableFreeSpace < OpeningBytes + log / 2)
                return false;
            Probe();
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes a file, so that a folder that cannot be written is told from a database that cannot be opened.</summary>
    private void Probe()
    {
        var path = Path.Combine(_folder, "probe");
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        file.Write(new byte[ProbeBytes]);
        file.Flush(flushToDisk: true);
    }

    private void SetFault(string fault)
    {
        // RocksDB's messages name files, with other numbers at each attempt.
        if (WithoutNumbers(_fault) != WithoutNumbers(fault))
            LogUnavailable(fault);
        _fault = fault;
    }

    private static string? WithoutNumbers(string? fault) => fault is null ? null : string.Concat(fault.Where(letter => !char.IsAsciiDigit(letter)));

    private void Close()
    {
        _fault ??= $"The outbox in {_folder} is closed.";
        Exchange(null)?.Dispose();
    }

    /// <summary>
    /// Puts another database in place of the one that was there, which nobody uses any more then. Opening and closing take longer, and hold up no reader.
    /// </summary>
    private RocksDb? Exchange(RocksDb? database)
    {
        _use.EnterWriteLock();
        try
        {
            (var former, _database) = (_database, database);
            return former;
        }
        finally
        {
            _use.ExitWriteLock();
        }
    }
}
