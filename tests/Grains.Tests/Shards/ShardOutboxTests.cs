using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Silo.Outbox;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>What the owner of a shard counts of its mailboxes, when the outbox does not answer. The store is the product's, in a folder of the test.</summary>
public sealed class ShardOutboxTests : IAsyncLifetime
{
    private const int Shard = 7;

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private RocksDbOutboxStore _database = null!;
    private InterruptedStore _store = null!;
    private ShardOutbox _outbox = null!;

    public async Task InitializeAsync()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        var options = new OutboxOptions { Path = _folder.Path, MaxMessagesPerUser = 3 };
        _database = new RocksDbOutboxStore(Options.Create(options), new OutboxMetrics(meters), NullLogger<RocksDbOutboxStore>.Instance);
        _store = new InterruptedStore(_database);
        var epoch = await _store.OpenShardAsync(Shard, CancellationToken.None);
        _outbox = new ShardOutbox(Shard, epoch, _store, options, new NoticePlan(after: null, _time), new ShardMetrics(meters), _time);
    }

    public async Task DisposeAsync()
    {
        _database.Dispose();
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Delete_RefusedByTheStore_IsCountedAtOnceAndRepeatedWithItsTally()
    {
        var rows = await AppendAsync(3);
        _store.RefusesCommits = true;
        await DeleteAsync(rows[0]);
        await DeleteAsync(rows[1]);

        Assert.Equal(1, (await _outbox.TallyAsync("alice")).Messages);
        Assert.Equal([rows[2].Place], await PlacesAsync());
        await _outbox.TidyAsync();
        Assert.Equal(3, (await StoredAsync()).Messages);
        _store.RefusesCommits = false;
        await _outbox.TidyAsync();

        Assert.Equal((1, rows[2].Notification.Size), ((await StoredAsync()).Messages, (await StoredAsync()).Bytes));
        Assert.Equal([rows[2].Place], (await _store.ReadAsync(Shard, "alice", Place.Start, 10, int.MaxValue, CancellationToken.None)).Select(row => row.Place));
    }

    [Fact]
    public async Task Delete_OfAMailboxWhoseTallyIsForgottenAndCannotBeRead_IsCountedWhenItCan()
    {
        var rows = await AppendAsync(3);
        _time.Advance(TimeSpan.FromMinutes(2));
        await _outbox.TidyAsync();
        _store.RefusesTallies = true;
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => _outbox.TallyAsync("alice").AsTask());

        await DeleteAsync(rows[0]);
        await _outbox.TidyAsync();
        Assert.Equal([rows[1].Place, rows[2].Place], await PlacesAsync());
        _store.RefusesTallies = false;

        Assert.Equal(2, (await _outbox.TallyAsync("alice")).Messages);
        await _outbox.TidyAsync();
        Assert.Equal(2, (await StoredAsync()).Messages);
        Assert.Equal(2, (await _store.ReadAsync(Shard, "alice", Place.Start, 10, int.MaxValue, CancellationToken.None)).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Append_ThatDrops_ItsAnswerIsLost_DropsNoMoreWhenItIsRepeated(bool isRefusedOnceMore)
    {
        var rows = await AppendAsync(3);
        _store.LosesAnswers = true;
        await AppendFailsAsync(4);
        await AppendFailsAsync(4);
        _store.LosesAnswers = false;
        if (isRefusedOnceMore)
        {
            _store.CommitsLeft = 0;
            await AppendFailsAsync(4);
            _store.CommitsLeft = null;
        }

        var dropped = await _outbox.AppendAsync("alice", [Row(4)]);

        // Whoever has it in hand is told.
        Assert.Equal([rows[0].Place], dropped);
        await AssertStoredAsync(dropped: 1, 2, 3, 4);
        Assert.Equal([rows[1].Place], await _outbox.AppendAsync("alice", [Row(5)]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Append_ThatDropsAndFails_ItsMessageIsSettledInstead_WhatHasGoneIsCounted(bool isDone)
    {
        await AppendAsync(3);
        (_store.LosesAnswers, _store.RefusesCommits) = (isDone, !isDone);
        await AppendFailsAsync(4);
        _outbox.Settle("alice", Row(4).Place);
        await _outbox.TidyAsync();
        (_store.LosesAnswers, _store.RefusesCommits) = (false, false);

        await _outbox.TidyAsync();

        if (isDone)
            await AssertStoredAsync(dropped: 1, 2, 3);
        else
            await AssertStoredAsync(dropped: 0, 1, 2, 3);
    }

    [Fact]
    public async Task Append_ThatDrops_ItsAnswerIsLost_WhatIsSettledMeanwhileWasNotDropped()
    {
        var rows = await AppendAsync(3);
        _store.LosesAnswers = true;
        await AppendFailsAsync(4);
        await DeleteAsync(rows[0]);
        _store.LosesAnswers = false;

        Assert.Empty(await _outbox.AppendAsync("alice", [Row(4)]));

        await AssertStoredAsync(dropped: 0, 2, 3, 4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Row_FoundToHaveGone_SomebodyHasItInHand_IsCountedOnce(bool isSettled)
    {
        var rows = await AppendAsync(3);
        _store.LosesAnswers = true;
        await AppendFailsAsync(4);
        _outbox.Settle("alice", Row(4).Place);
        _store.LosesAnswers = false;
        await _outbox.TidyAsync();

        if (isSettled)
            await DeleteAsync(rows[0]);
        else
            await _outbox.MarkAttemptedAsync("alice", [rows[0]]);

        // Nobody has missed it.
        if (isSettled)
            await AssertStoredAsync(dropped: 0, 2, 3);
        else
            await AssertStoredAsync(dropped: 0, 1, 2, 3);
    }

    private async Task<IReadOnlyList<StoredMessage>> AppendAsync(int count)
    {
        StoredMessage[] rows = [.. Enumerable.Range(1, count).Select(Row)];
        await _outbox.AppendAsync("alice", rows);
        return rows;
    }

    private Task AppendFailsAsync(int number) => Assert.ThrowsAsync<OutboxUnavailableException>(() => _outbox.AppendAsync("alice", [Row(number)]));

    private StoredMessage Row(int number) =>
        new(
            "alice",
            new Place(_outbox.Epoch, number),
            "user.alice",
            Attempted: false,
            StoredAt: 0,
            ExpiresAt: long.MaxValue,
            Messages.Notification("user.alice", $"{number}")
        );

    private async Task AssertStoredAsync(long dropped, params long[] numbers)
    {
        var rows = await _store.ReadAsync(Shard, "alice", Place.Start, 10, int.MaxValue, CancellationToken.None);
        Assert.Equal(numbers, rows.Select(row => row.Place.Number));
        Assert.Equal(new MailboxTally(rows.Count, rows.Sum(row => (long)row.Notification.Size), dropped), await StoredAsync());
    }

    private Task DeleteAsync(StoredMessage row) => _outbox.DeleteAsync("alice", [row.Key], new MailboxTally(-1, -row.Notification.Size, 0));

    private async Task<IEnumerable<Place>> PlacesAsync() => (await _outbox.ReadAsync("alice", Place.Start, 10, int.MaxValue)).Select(row => row.Place);

    private Task<MailboxTally> StoredAsync() => _store.ReadTallyAsync(Shard, "alice", CancellationToken.None);
}
