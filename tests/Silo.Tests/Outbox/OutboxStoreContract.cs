using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>What every outbox engine does. An engine joins with a class that derives from this one and opens it.</summary>
public abstract partial class OutboxStoreContract
{
    private const int Shard = 7;

    /// <summary>Ids that could be mistaken for each other, or for a part of a key.</summary>
    private static readonly string[] Ids =
    [
        "",
        "a",
        "aa",
        "a.b",
        "a/b",
        "a\u001f",
        "a\u001fb",
        "a\0",
        "a\0b",
        "\0",
        "\u0001",
        "42",
        "4",
        "*",
        "#",
        "ä",
        "漢字",
        "👍🏽",
        " ",
        "a b",
        "user.{user}.#",
        new string('x', 254),
        new string('x', 255),
        new string('x', 256),
        new string('é', 40_000),
    ];

    /// <summary>Positions in <see cref="Ids"/>.</summary>
    public static readonly TheoryData<int> Users = [.. Enumerable.Range(0, Ids.Length)];

    /// <summary>A store with nothing in it, or the one of an earlier call, opened again.</summary>
    protected abstract IOutboxStore Open();

    /// <summary>Closes the store, so that it can be opened again.</summary>
    protected abstract Task CloseAsync(IOutboxStore store);

    /// <summary>Takes all away that was in the store; it is not open.</summary>
    protected abstract Task ClearAsync();

    /// <summary>How many random runs are compared with the model.</summary>
    protected virtual int ModelRuns => 60;

    [Fact]
    public async Task Read_KeepsAllOfARow()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var row = new StoredMessage(
            "alice",
            new Place(epoch, 1),
            "user.alice",
            Attempted: true,
            StoredAt: 1_799_000_000_123,
            ExpiresAt: 1_799_000_600_456,
            new Notification
            {
                Exchange = "notifications",
                RoutingKey = "orders.42.created",
                Headers =
                [
                    new("content-type", "text/plain"),
                    new("amqp-message-id", "m-1"),
                    new("x-ünï", "wert: 1\n"),
                    new("", ""),
                    new("content-type", "again"),
                ],
                Body = [0, 255, 10, 13, 128],
                Persistent = true,
                MessageId = "m-1",
                ExpiresAt = 1_799_000_600_456,
            }
        );
        var bare = new StoredMessage("alice", new Place(epoch, 2), "", false, 0, long.MaxValue, new Notification { Exchange = "", RoutingKey = "" });
        var other = bare with
        {
            Place = new Place(epoch, 3),
            Notification = new Notification
            {
                Exchange = "e",
                RoutingKey = "r",
                MessageId = "m",
                Headers = [new("amqp-message-id", "not m")],
            },
            Twin = 1L << 40,
        };
        await store.CommitAsync(Commit(epoch, [row, bare, other]));

        var rows = await ReadAllAsync(store, "alice");

        Assert.Equal([Describe(row), Describe(bare), Describe(other)], rows.Select(Describe));
    }

    [Fact]
    public async Task Read_GivesRowsInTheOrderOfTheirPlaces()
    {
        var store = Open();
        var places = new List<Place>();
        for (var round = 0; round < 3; round++)
        {
            var epoch = await store.OpenShardAsync(Shard, default);
            // Numbers whose bytes do not sort as the numbers do, written in any order.
            long[] numbers = [300, 1, 255, 256, 65_536, 2, 1L << 40, long.MaxValue];
            await store.CommitAsync(Commit(epoch, [.. numbers.Select(number => SampleRow.Create("alice", new Place(epoch, number)))]));
            places.AddRange(numbers.Order().Select(number => new Place(epoch, number)));
        }

        Assert.Equal(places, (await ReadAllAsync(store, "alice")).Select(row => row.Place));
        var behind = places[9];
        Assert.Equal(places[10..], (await store.ReadAsync(Shard, "alice", behind, 1000, int.MaxValue, default)).Select(row => row.Place));
        Assert.Empty(await store.ReadAsync(Shard, "alice", places[^1], 1000, int.MaxValue, default));
    }

    [Fact]
    public async Task Read_EndsAtTheCountAndBehindTheBytes()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var rows = Enumerable.Range(1, 10).Select(number => SampleRow.Create("alice", new Place(epoch, number))).ToArray();
        await store.CommitAsync(Commit(epoch, rows));
        var size = rows[0].Notification.Size;

        Assert.Equal(3, (await store.ReadAsync(Shard, "alice", Place.Start, 3, int.MaxValue, default)).Count);
        Assert.Single(await store.ReadAsync(Shard, "alice", Place.Start, 1000, 1, default));
        Assert.Equal(2, (await store.ReadAsync(Shard, "alice", Place.Start, 1000, size + 1, default)).Count);
    }

    [Fact]
    public async Task Users_NeverSeeEachOthersRows()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var users = Ids;
        await store.CommitAsync(
            new OutboxCommit(
                Shard,
                epoch,
                [
                    .. users.SelectMany(
                        (user, i) =>
                            new[]
                            {
                                SampleRow.Create(user, new Place(epoch, 2 * i + 1), "same id"),
                                SampleRow.Create(user, new Place(epoch, 2 * i + 2), "an id"),
                            }
                    ),
                ],
                [],
                [.. users.Select((user, i) => new UserTally(user, new MailboxTally(2, i + 1, i, 1000 + i)))]
            )
        );

        for (var i = 0; i < users.Length; i++)
        {
            var rows = await ReadAllAsync(store, users[i]);
            Assert.Equal([new Place(epoch, 2 * i + 1), new Place(epoch, 2 * i + 2)], rows.Select(row => row.Place));
            Assert.All(rows, row => Assert.Equal(users[i], row.User));
            Assert.Equal(new MailboxTally(2, i + 1, i, 1000 + i), await store.ReadTallyAsync(Shard, users[i], default));
            Assert.Equal(new Place(epoch, 2 * i + 1), await store.FindAsync(Shard, users[i], "same id", default));
        }
        var expired = await store.FindExpiredAsync(long.MaxValue - 1, 1000, default);
        Assert.Equal(users.Order(StringComparer.Ordinal), expired.Select(each => each.User).Order(StringComparer.Ordinal));
        Assert.Equal(users, (await store.FindDueAsync(2000, 1000, default)).Select(each => each.User));
        Assert.Empty(await ReadAllAsync(store, "nobody"));
    }

    [Theory, MemberData(nameof(Users))]
    public async Task Delete_OfOneUser_LeavesTheOthers(int position)
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var user = Ids[position];
        var rows = Ids.Select((each, i) => SampleRow.Create(each, new Place(epoch, i + 1), "id")).ToArray();
        await store.CommitAsync(Commit(epoch, rows));

        await store.CommitAsync(Commit(epoch, [], [rows.Single(row => row.User == user).Key]));

        foreach (var each in Ids)
        {
            Assert.Equal(each == user ? 0 : 1, (await ReadAllAsync(store, each)).Count);
            Assert.Equal(each == user, await store.FindAsync(Shard, each, "id", default) is null);
        }
    }

    [Fact]
    public async Task Shards_AreApart()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var otherEpoch = await store.OpenShardAsync(Shard + 1, default);
        await store.CommitAsync(Commit(epoch, [SampleRow.Create("alice", new Place(epoch, 1), "id")]));
        await store.CommitAsync(new OutboxCommit(Shard + 1, otherEpoch, [SampleRow.Create("alice", new Place(otherEpoch, 5), "id")], [], []));

        Assert.Equal([new Place(epoch, 1)], (await ReadAllAsync(store, "alice")).Select(row => row.Place));
        Assert.Equal(new Place(epoch, 1), await store.FindAsync(Shard, "alice", "id", default));
        Assert.Equal(new Place(otherEpoch, 5), await store.FindAsync(Shard + 1, "alice", "id", default));
        Assert.Equal(
            [new ExpiredUser(Shard, "alice"), new ExpiredUser(Shard + 1, "alice")],
            (await store.FindExpiredAsync(long.MaxValue - 1, 9, default)).OrderBy(each => each.Shard)
        );
    }

    [Fact]
    public async Task Commit_Repeated_DoesNoHarm()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var first = SampleRow.Create("alice", new Place(epoch, 1), "a", expiresAt: 1000);
        var second = SampleRow.Create("alice", new Place(epoch, 2), "b", expiresAt: 2000);
        var commit = new OutboxCommit(Shard, epoch, [first, second], [], [new UserTally("alice", new MailboxTally(2, 9, 0))]);
        await store.CommitAsync(commit);
        await store.CommitAsync(commit);
        Assert.Equal(2, (await ReadAllAsync(store, "alice")).Count);

        for (var i = 0; i < 2; i++)
            await store.CommitAsync(
                Commit(epoch, [], [first.Key, new StoredKey("alice", new Place(epoch, 99), "never", 5), new StoredKey("nobody", new Place(1, 1), null, 5)])
            );

        Assert.Equal([second.Place], (await ReadAllAsync(store, "alice")).Select(row => row.Place));
        Assert.Null(await store.FindAsync(Shard, "alice", "a", default));
        Assert.Equal(second.Place, await store.FindAsync(Shard, "alice", "b", default));
    }

    [Fact]
    public async Task DeleteRepeated_AfterTheMessageIdCameAgain_LeavesTheNewRow()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var row = SampleRow.Create("alice", new Place(epoch, 1), "id");
        await store.CommitAsync(Commit(epoch, [row]));
        await store.CommitAsync(Commit(epoch, [], [row.Key]));
        await store.CommitAsync(Commit(epoch, [SampleRow.Create("alice", new Place(epoch, 2), "id")]));

        await store.CommitAsync(Commit(epoch, [], [row.Key]));

        Assert.Equal(new Place(epoch, 2), await store.FindAsync(Shard, "alice", "id", default));
        Assert.Single(await store.FindExpiredAsync(long.MaxValue - 1, 9, default));
    }

    [Fact]
    public async Task AppendAgain_ReplacesTheRow()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var row = SampleRow.Create("alice", new Place(epoch, 1), "id", expiresAt: 1000);
        await store.CommitAsync(Commit(epoch, [row]));

        var again = row with { ExpiresAt = 5000, Attempted = true };
        await store.CommitAsync(Commit(epoch, [again]));

        Assert.Equal([Describe(again)], (await ReadAllAsync(store, "alice")).Select(Describe));
        Assert.Empty(await store.FindExpiredAsync(4999, 9, default));
        Assert.Single(await store.FindExpiredAsync(5000, 9, default));
        await store.CommitAsync(Commit(epoch, [], [again.Key]));
        Assert.Empty(await store.FindExpiredAsync(long.MaxValue - 1, 9, default));
    }

    [Fact]
    public async Task Tally_IsReplaced_AndGoesWhenZero()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        Assert.Equal(default, await store.ReadTallyAsync(Shard, "alice", default));

        await store.CommitAsync(new OutboxCommit(Shard, epoch, [], [], [new UserTally("alice", new MailboxTally(1, 1L << 40, 7))]));
        Assert.Equal(new MailboxTally(1, 1L << 40, 7), await store.ReadTallyAsync(Shard, "alice", default));

        await store.CommitAsync(new OutboxCommit(Shard, epoch, [], [], [new UserTally("alice", new MailboxTally(0, 0, 1))]));
        Assert.Equal(new MailboxTally(0, 0, 1), await store.ReadTallyAsync(Shard, "alice", default));

        await store.CommitAsync(new OutboxCommit(Shard, epoch, [], [], [new UserTally("alice", default)]));
        Assert.Equal(default, await store.ReadTallyAsync(Shard, "alice", default));
    }

    [Fact]
    public async Task Completed_SurvivesClosing()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var gone = SampleRow.Create("alice", new Place(epoch, 1), "gone");
        var kept = SampleRow.Create("alice", new Place(epoch, 2), "kept");
        await store.CommitAsync(new OutboxCommit(Shard, epoch, [gone, kept], [], [new UserTally("alice", new MailboxTally(2, 5, 1))]));
        await store.CommitAsync(new OutboxCommit(Shard, epoch, [], [gone.Key], [new UserTally("alice", new MailboxTally(1, 3, 0))]));
        await CloseAsync(store);

        store = Open();

        Assert.Equal([Describe(kept)], (await ReadAllAsync(store, "alice")).Select(Describe));
        Assert.Equal(new MailboxTally(1, 3, 0), await store.ReadTallyAsync(Shard, "alice", default));
        Assert.Null(await store.FindAsync(Shard, "alice", "gone", default));
        Assert.Equal(kept.Place, await store.FindAsync(Shard, "alice", "kept", default));
        // Whoever owned the shard before still does.
        await store.CommitAsync(Commit(epoch, [SampleRow.Create("alice", new Place(epoch, 3))]));
    }

    protected static OutboxCommit Commit(long epoch, StoredMessage[] appends, StoredKey[]? deletes = null) => new(Shard, epoch, appends, deletes ?? [], []);

    protected static Task<IReadOnlyList<StoredMessage>> ReadAllAsync(IOutboxStore store, string user) =>
        store.ReadAsync(Shard, user, Place.Start, int.MaxValue, int.MaxValue, default);

    /// <summary>All of a row, comparable.</summary>
    protected static string Describe(StoredMessage row) =>
        string.Join(
            '|',
            row.User,
            row.Place,
            row.FilterKey,
            row.Attempted,
            row.StoredAt,
            row.ExpiresAt,
            row.Twin,
            row.Notification.Exchange,
            row.Notification.RoutingKey,
            string.Join(',', row.Notification.Headers.Select(header => $"{header.Name}={header.Value}")),
            Convert.ToHexString(row.Notification.Body),
            row.Notification.Persistent,
            row.Notification.MessageId ?? "(none)",
            row.Notification.ExpiresAt
        );

    private static async Task OpenAndCommitAsync(IOutboxStore store, int shard)
    {
        var epoch = await store.OpenShardAsync(shard, default);
        await store.CommitAsync(new OutboxCommit(shard, epoch, [SampleRow.Create("bob", new Place(epoch, 1))], [], []));
        Assert.Single(await store.ReadAsync(shard, "bob", Place.Start, 10, int.MaxValue, default));
    }
}
