using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Users;

/// <summary>A burst of large messages for one user: each commit and each read has to be done within the seconds that a database gives it.</summary>
public sealed class LargeMessagesTests : SiloWithEdge
{
    private const int Size = 300 * 1024;
    private const int MaxCommit = 1 << 20;

    internal override Task<TestSilo> StartSiloAsync(string folder) =>
        TestSilo.StartAsync(folder, outbox: limits => limits with { MaxBytesPerUser = 20 * Size });

    [Fact]
    public async Task Messages_ForOneWhoIsAway_AreStoredInPieces()
    {
        Silo.Store.RefusesCommits = true;
        await OfferAsync(12);
        Silo.Store.RefusesCommits = false;

        await SettledAsync(12);
        Assert.InRange(Silo.Store.LargestCommit, Size, MaxCommit);
        Assert.Equal(Tags(12), await StoredAsync());
    }

    [Fact]
    public async Task Messages_ThatASessionDoesNotSettle_AreStoredInPieces_OldestFirst()
    {
        Silo.Store.RefusesCommits = true;
        await Edge.SubscribeAsync("alice");
        await OfferAsync(12);
        await ReceivedAsync(4);

        (Silo.Store.CommitsLeft, Silo.Store.RefusesCommits) = (1, false);
        await SettledAsync(3);
        Assert.Equal(Tags(3), await StoredAsync());
        Assert.False(Silo.Settled.Contains(4));
        Silo.Store.CommitsLeft = null;

        await SettledAsync(12);
        Assert.InRange(Silo.Store.LargestCommit, Size, MaxCommit);
        // Batches overtake each other.
        HashSet<Place> settled = [];
        while (settled.Count < 12)
        {
            await Wait.Until(() => Edge.Received.Count > settled.Count, "the next messages");
            await Edge.SettleAsync(Edge.Received.Where(push => settled.Add(push.Place)).ToList());
        }
        Assert.Equal(Tags(12), Edge.Received.Select(TagOf));
        await Wait.Until(async () => (await StoredAsync()).Count == 0, "all rows to be taken away");
    }

    [Fact]
    public async Task Messages_OfAShardThatIsHandedOver_AreStoredInPieces()
    {
        await Edge.SubscribeAsync("alice");
        var goOn = Silo.Store.HoldCommits();
        await OfferAsync(12);
        await ReceivedAsync(4);

        await Silo.Grains.GetGrain<IShardUpkeepGrain>(ShardMap.ShardOf("alice")).HandOverAsync();
        goOn.SetResult();

        await SettledAsync(12);
        Assert.InRange(Silo.Store.LargestCommit, Size, MaxCommit);
        Assert.Equal(Tags(12), await StoredAsync());
    }

    [Fact]
    public async Task Messages_BeyondTheLimit_AreReadInPiecesToBeDropped()
    {
        await OfferAsync(20);
        await SettledAsync(20);

        await Silo.OfferAsync("alice", 0, Offer(21, "alice") with { Notification = Large(21, 10 * Size) });

        await SettledAsync(21);
        Assert.InRange(Silo.Store.LargestRead, Size, MaxCommit + Size);
        Assert.Equal(Tags(21).Skip(10), await StoredAsync());
    }

    private async Task OfferAsync(int count) =>
        await Silo.OfferAsync("alice", 0, [.. Tags(count).Select(tag => Offer(tag, "alice") with { Notification = Large(tag, Size) })]);

    /// <summary>A message with its tag in front.</summary>
    private static Notification Large(ulong tag, int size) => Notification("user.alice", $"{tag, -8}".PadRight(size - 128));

    private static IEnumerable<ulong> Tags(int count) => Enumerable.Range(1, count).Select(tag => (ulong)tag);

    private static ulong TagOf(MailboxPush push) => TagOf(push.Notification);

    private static ulong TagOf(Notification notification) => ulong.Parse(notification.Text()[..8], System.Globalization.CultureInfo.InvariantCulture);

    private async Task<IReadOnlyList<ulong>> StoredAsync()
    {
        List<ulong> tags = [];
        for (
            var after = Place.Start;
            await Silo.Store.ReadAsync(ShardMap.ShardOf("alice"), "alice", after, 1, 1, CancellationToken.None) is [var row];
            after = row.Place
        )
            tags.Add(TagOf(row.Notification));
        return tags;
    }
}
