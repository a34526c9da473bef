using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Silo.Ingress.Recipients;
using NotifyOrleans.Silo.Outbox;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Ingress;

/// <summary>
/// What a partition's log of messages to many users makes of a store that fails, or is slow. The store is the product's, in a folder of the test.
/// </summary>
public sealed class RecipientsLogTests : IDisposable
{
    private const string Partition = "partition-0";

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TaskFactory _turns = new(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
    private readonly RocksDbOutboxStore _database;
    private readonly InterruptedRecipientsLog _store;
    private readonly RecipientsLog _log;

    public RecipientsLogTests()
    {
        var metrics = new OutboxMetrics(_services.GetRequiredService<IMeterFactory>());
        _database = new RocksDbOutboxStore(Options.Create(new OutboxOptions { Path = _folder.Path }), metrics, NullLogger<RocksDbOutboxStore>.Instance);
        _store = new InterruptedRecipientsLog(RecipientsExtensions.CreateStore(_database));
        _log = NewLog(_store);
    }

    public void Dispose()
    {
        _database.Dispose();
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Append_ThatFailedAndIsTakenAwayLate_LeavesWhatWasWrittenByTheNextChannel()
    {
        await ReadAsync(_log, isKept: false);
        _store.IsAway = true;
        Assert.Null(await AppendAsync(_log, "failed"));
        _store.RefusesDeletes = true;
        _store.IsAway = false;
        await ReadAsync(_log);
        Assert.NotNull(await AppendAsync(_log, "written"));

        _store.RefusesDeletes = false;
        await Wait.Until(() => _store.Deletes > 0, "what failed to be taken away");

        Assert.Equal(["written"], await ReadAsync(_log));
        Assert.Equal(["written"], await ReadAsync(NewLog(_store), isKept: false));
    }

    [Fact]
    public async Task Append_ThatFailedAndIsTakenAwayLate_LeavesWhatTheNextWriterHasWritten()
    {
        await ReadAsync(_log, isKept: false);
        _store.IsAway = true;
        Assert.Null(await AppendAsync(_log, "failed"));
        var next = NewLog(RecipientsExtensions.CreateStore(_database));
        await ReadAsync(next, isKept: false);
        Assert.NotNull(await AppendAsync(next, "written"));

        _store.IsAway = false;
        await Wait.Until(() => _store.Deletes > 0, "what failed to be taken away");

        Assert.Equal(["written"], await ReadAsync(NewLog(_store), isKept: false));
    }

    [Fact]
    public async Task Message_TakenAwayWhileTheLogIsRead_IsNotGivenAgain()
    {
        await ReadAsync(_log, isKept: false);
        var place = await AppendAsync(_log, "safe with all");
        await AppendAsync(_log, "under way");
        var release = _store.HoldReads();
        var reading = ReadAsync(_log);
        await Wait.Until(() => _store.HeldReads == 1, "the log to be read");

        await _turns.StartNew(() => _log.Remove(place!.Value));
        await Wait.Until(() => _store.Deletes == 1, "the message to be taken away");
        release.SetResult();

        Assert.Equal(["under way"], await reading);
        _store.IsAway = true;
        Assert.Equal(["under way"], await ReadAsync(_log));
    }

    [Fact]
    public async Task Read_OfAFormerChannelThatEndsLate_ReplacesNothingThatIsKnownSince()
    {
        var release = _store.HoldReads();
        var former = ReadAsync(_log, isKept: false);
        await Wait.Until(() => _store.HeldReads == 1, "the log to be read");
        _store.PassReads();
        Assert.Equal([], await ReadAsync(_log));
        await AppendAsync(_log, "written");

        release.SetResult();

        Assert.Null(await former);
        _store.IsAway = true;
        Assert.Equal(["written"], await ReadAsync(_log));
    }

    private static RecipientsLog NewLog(IRecipientsLogStore store) => new(Partition, [Partition], store, TimeProvider.System, NullLogger.Instance);

    private Task<LogPlace?> AppendAsync(RecipientsLog log, string body) =>
        _turns.StartNew(() => log.AppendAsync(Notification("user.alice", body), ["alice"])).Unwrap();

    /// <summary>What a new channel reads; null when it is not wanted.</summary>
    private async Task<IEnumerable<string>?> ReadAsync(RecipientsLog log, bool isKept = true) =>
        await _turns.StartNew(() => log.ReadAsync(() => true, isKept)).Unwrap() is { } all ? all.Select(each => each.Delivery.Notification.Text()) : null;
}
