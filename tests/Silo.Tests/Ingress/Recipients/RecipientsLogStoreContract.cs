using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Ingress.Recipients;
using NotifyOrleans.Silo.Tests.Outbox;

namespace NotifyOrleans.Silo.Tests.Ingress.Recipients;

/// <summary>What every engine of logs of messages to many users does.</summary>
public abstract class RecipientsLogStoreContract(StoreEngine engine) : StoreContract(engine)
{
    private const string Log = "partition-1";

    private IRecipientsLogStore? _store;

    private IRecipientsLogStore Store => _store ??= RecipientsExtensions.CreateStore(Engine.Open());

    [Fact]
    public async Task Read_GivesWhatWasAppendedAndIsNotTakenAway()
    {
        var whole = new Notification
        {
            Exchange = "notifications",
            RoutingKey = "print.ä\0",
            Headers = [new("content-type", "text/plain"), new("x", "y")],
            Body = [0, 1, 0xFF],
            Persistent = true,
            MessageId = "m-1",
            ExpiresAt = 42,
        };
        string[] users = ["alice", "ä", "a.b", "\0", new string('x', 255)];
        var epoch = (await Store.OpenAsync(Log, default)).Epoch;
        await Store.OpenAsync("partition-2", default);
        var other = (await Store.OpenAsync("partition-10", default)).Epoch;
        await Store.AppendAsync(Log, epoch, [new LoggedDelivery(1, whole, users), Delivery(3), Delivery(4)]);
        await Store.AppendAsync("partition-10", other, [Delivery(1)]);
        await Store.DeleteAsync(Log, [3, 99]);
        await ReopenAsync();

        var all = await ReadAllAsync();

        Assert.Equal([1, 4], all.Select(delivery => delivery.Number));
        Assert.Equivalent(new LoggedDelivery(1, whole, users), all[0], strict: true);
        Assert.Equal(Enumerable.Range(0, 10_000).Select(number => $"user-{number}"), all[1].Users);
        Assert.Equal([Log, "partition-10"], (await Store.FindLogsAsync(default)).Order(StringComparer.Ordinal));

        await Store.DeleteAsync(Log, [1, 4]);
        Assert.Empty(await ReadAllAsync());
        Assert.Equal(["partition-10"], await Store.FindLogsAsync(default));
    }

    [Fact]
    public async Task Append_OfAFormerWriter_ChangesNothing_AndOfThisOneMayBeRepeated()
    {
        var former = await Store.OpenAsync(Log, default);
        await Store.AppendAsync(Log, former.Epoch, [Delivery(1)]);
        var next = await Store.OpenAsync(Log, default);
        Assert.Equal(new RecipientsLogState(former.Epoch + 1, Last: 1), next);

        await Assert.ThrowsAsync<StaleLogException>(() => Store.AppendAsync(Log, former.Epoch, [Delivery(2)]));
        var number = next.Next;
        await Store.AppendAsync(Log, next.Epoch, [Delivery(number)]);
        await Store.DeleteAsync(Log, [1]);
        // Their answers were lost.
        await Store.AppendAsync(Log, next.Epoch, [Delivery(1)]);
        await Store.AppendAsync(Log, next.Epoch, [Delivery(number)]);

        Assert.Equal([number], (await ReadAllAsync()).Select(delivery => delivery.Number));
        Assert.Equal(new RecipientsLogState(next.Epoch + 1, Last: number), await Store.OpenAsync(Log, default));
    }

    [Fact]
    public async Task Read_EndsAtTheCountAndBehindTheBytes()
    {
        var epoch = (await Store.OpenAsync(Log, default)).Epoch;
        await Store.AppendAsync(Log, epoch, [.. Enumerable.Range(1, 10).Select(number => Large(number))]);

        Assert.Equal([1, 2, 3], await ReadAsync(after: 0, maxCount: 3, int.MaxValue));
        Assert.Equal([4], await ReadAsync(after: 3, maxCount: 100, maxBytes: 1));
        Assert.Equal([4, 5], await ReadAsync(after: 3, maxCount: 100, maxBytes: 101_000));
        Assert.Equal([9, 10], await ReadAsync(after: 8, maxCount: 100, int.MaxValue));
        Assert.Empty(await ReadAsync(after: 10, maxCount: 100, int.MaxValue));

        async Task<IEnumerable<long>> ReadAsync(long after, int maxCount, int maxBytes) =>
            (await Store.ReadAsync(Log, after, maxCount, maxBytes, default)).Select(delivery => delivery.Number);

        static LoggedDelivery Large(long number) =>
            new(
                number,
                new Notification
                {
                    Exchange = "notifications",
                    RoutingKey = "print.done",
                    Persistent = true,
                    Body = new byte[100_000],
                },
                ["alice"]
            );
    }

    private Task<IReadOnlyList<LoggedDelivery>> ReadAllAsync() => Store.ReadAsync(Log, after: 0, maxCount: 100, int.MaxValue, default);

    private static LoggedDelivery Delivery(long number) =>
        new(
            number,
            new Notification
            {
                Exchange = "notifications",
                RoutingKey = "print.done",
                Persistent = true,
            },
            [.. Enumerable.Range(0, 10_000).Select(user => $"user-{user}")]
        );

    private async Task ReopenAsync()
    {
        await Engine.CloseAsync();
        _store = null;
    }
}
