using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Grains.Outbox;
using Npgsql;

namespace NotifyOrleans.OutboxProbe;

/// <summary>The outbox that a command is about: RocksDB's in a folder, or PostgreSQL's where the target is a connection string.</summary>
internal sealed class ProbedOutbox : IAsyncDisposable
{
    private readonly string _target;

    private ProbedOutbox(string target, IOutboxStore store) => (_target, Store) = (target, store);

    public IOutboxStore Store { get; }

    private bool IsDatabase => IsConnectionString(_target);

    public static async Task<ProbedOutbox> OpenAsync(string target)
    {
        var outbox = new ProbedOutbox(target, IsConnectionString(target) ? SharedOutbox.Open(target) : OutboxFolder.Open(target));
        while (!outbox.Store.Health.Writable)
            await Task.Delay(1);
        return outbox;
    }

    /// <summary>Bytes on disk: the folder's files, or the database's without the server's log.</summary>
    public long DiskBytes()
    {
        if (IsDatabase)
        {
            using var source = NpgsqlDataSource.Create($"{_target};Pooling=false");
            using var command = source.CreateCommand("SELECT pg_database_size(current_database())");
            return (long)command.ExecuteScalar()!;
        }
        using var du = Process.Start(new ProcessStartInfo("du", ["-s", "-B1", _target]) { RedirectStandardOutput = true })!;
        return long.Parse(du.StandardOutput.ReadToEnd().Split('\t')[0], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        if (Store is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync();
        else
            ((IDisposable)Store).Dispose();
    }

    private static bool IsConnectionString(string target) => target.Contains('=', StringComparison.Ordinal);
}
