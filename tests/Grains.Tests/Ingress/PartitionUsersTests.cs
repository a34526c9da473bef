using Microsoft.Extensions.DependencyInjection;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Silo.Ingress.Recipients;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Ingress;

/// <summary>Deliveries of one partition that are for users, while the store is away.</summary>
public sealed class PartitionUsersTests : SiloWithEdge
{
    private static readonly string[] Many = [.. Enumerable.Range(1, 20).Select(number => $"user-{number}"), "alice"];

    [Fact]
    public async Task Channel_BegunAgainWhileTheLogCannotBeRead_GoesOnBehindWhatWasWrittenDown()
    {
        var store = new InterruptedRecipientsLog(RecipientsExtensions.CreateStore(Silo.Services.GetRequiredService<RocksDbOutboxStore>()));
        var users = new TestUsers(Silo, store);
        await Edge.SubscribeAsync("alice");
        await users.BeginAsync(1);
        await users.DeliverAsync(1, Notification("user.alice", "to many"), Many);
        await Wait.Until(() => users.Acknowledged.Contains((1L, 1UL)), "the message to many to be written down");
        await ReceivedAsync(1);

        store.IsAway = true;
        await users.BeginAsync(2);
        await users.DeliverAsync(1, Notification("user.alice", "next"), "alice");
        await users.DeliverAsync(2, Notification("user.alice", "to many again"), Many);

        await ReceivedAsync(3);
        AssertBodies("to many", "next", "to many again");
        await Edge.SettleAsync(Edge.Received);
        await SettlesAsync(users, (2, 1));
        await SettlesAsync(users, (2, 2));
        store.IsAway = false;
        await Wait.Until(async () => (await store.ReadAsync("partition-0", 0, 1, 1, CancellationToken.None)).Count == 0, "nothing to be left in the log");
    }

    [Fact]
    public async Task Channel_OfAPartitionThatWasElsewhere_WaitsForTheLog()
    {
        var store = new InterruptedRecipientsLog(RecipientsExtensions.CreateStore(Silo.Services.GetRequiredService<RocksDbOutboxStore>()));
        var (former, users) = (new TestUsers(Silo, store), new TestUsers(Silo, store));
        await users.BeginAsync(1);
        await former.BeginAsync(2);
        await former.DeliverAsync(1, Notification("user.alice", "to many"), Many);
        await Wait.Until(() => former.Acknowledged.Contains((2L, 1UL)), "the message to many to be written down");

        (store.IsAway, users.WasElsewhere) = (true, true);
        var refused = store.Refused;
        await users.BeginAsync(3);
        await users.DeliverAsync(1, Notification("user.alice", "next"), "alice");
        await Wait.Until(() => store.Refused > refused + 4, "the log to be asked for again");
        await Edge.SubscribeAsync("alice");
        Assert.Equal(1UL, await users.OldestAsync());
        Assert.DoesNotContain(Edge.Received, push => push.Notification.Text() == "next");
        store.IsAway = false;

        await Wait.Until(() => Edge.Received.Any(push => push.Notification.Text() == "next"), "the next message");
        Assert.Equal("to many", Edge.Received[0].Notification.Text());
    }

    [Fact]
    public async Task Oldest_IsTheFirstThatIsNotAcknowledged()
    {
        var users = new TestUsers(Silo, RecipientsExtensions.CreateStore(Silo.Services.GetRequiredService<RocksDbOutboxStore>()));
        Silo.Store.RefusesCommits = true;
        await users.BeginAsync(1);
        Assert.Null(await users.OldestAsync());

        await users.DeliverAsync(1, Notification("user.alice", "1"), "alice");
        await users.DeliverAsync(2, Notification("user.bob", "2"), "bob");
        Assert.Equal(1UL, await users.OldestAsync());
        await Edge.SubscribeAsync("alice");
        await Edge.SettleAsync(await ReceivedAsync(1));
        await SettlesAsync(users, (1, 1));

        Assert.Equal(2UL, await users.OldestAsync());
    }

    [Fact]
    public async Task ToMany_BehindOneOfItsKeyThatStaysWithTheBroker_StaysToo()
    {
        var store = new InterruptedRecipientsLog(RecipientsExtensions.CreateStore(Silo.Services.GetRequiredService<RocksDbOutboxStore>()));
        var users = new TestUsers(Silo, store);
        // So that none is safe.
        Silo.Store.RefusesCommits = true;
        await users.BeginAsync(1);
        await users.DeliverAsync(1, Notification("many", "written down"), Many);
        await Wait.Until(() => users.Acknowledged.Contains((1L, 1UL)), "the first to be written down");
        store.IsAway = true;
        await users.DeliverAsync(2, Notification("many", "not written down"), Many);
        await Wait.Until(() => store.Refused > 0, "the log to be away");
        store.IsAway = false;

        await users.DeliverAsync(3, Notification("many", "behind it"), Many);
        await users.DeliverAsync(4, Notification("other", "of another key"), Many);
        await Wait.Until(() => users.Acknowledged.Contains((1L, 4UL)), "the one of another key to be written down");
        Assert.Equal([1UL, 4UL], users.Acknowledged.Select(delivery => delivery.Tag));
        Assert.Equal(2UL, await users.OldestAsync());
        Silo.Store.RefusesCommits = false;
        await SettlesAsync(users, (1, 2));
        await SettlesAsync(users, (1, 3));
    }

    [Fact]
    public async Task Delivery_OfAChannelThatIsClosed_IsLeftToTheBroker()
    {
        var store = RecipientsExtensions.CreateStore(Silo.Services.GetRequiredService<RocksDbOutboxStore>());
        var users = new TestUsers(Silo, store);
        await users.BeginAsync(1);
        await users.DeliverAsync(1, Notification("many", "before"), Many);
        await Wait.Until(() => users.Acknowledged.Contains((1L, 1UL)), "the message before to be written down");

        users.IsClosed = true;
        await users.DeliverAsync(2, Notification("many", "late"), Many);

        Assert.Null(await users.OldestAsync());
        Assert.Equal([(1L, 1UL)], users.Acknowledged.ToArray());
    }

    private static Task SettlesAsync(TestUsers users, (long ChannelEpoch, ulong Tag) delivery) =>
        Wait.Until(
            async () =>
            {
                await users.SettleAsync();
                return users.Acknowledged.Contains(delivery);
            },
            $"{delivery} to be acknowledged"
        );
}
