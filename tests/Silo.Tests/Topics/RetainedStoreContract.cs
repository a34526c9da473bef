using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Silo.Tests.Outbox;
using NotifyOrleans.Silo.Topics;

namespace NotifyOrleans.Silo.Tests.Topics;

/// <summary>What every engine does with retained messages.</summary>
public abstract class RetainedStoreContract(StoreEngine engine) : StoreContract(engine)
{
    private const string Exchange = "notifications";

    /// <summary>Names that could be mistaken for each other, or for a part of a key.</summary>
    private static readonly string[] Names = ["", "a", "aa", "a\0", "\0", "#", "ä", "👍🏽", "a.b", new string('x', 255)];

    [Fact]
    public async Task Keys_HaveWhatIsNewest()
    {
        var store = TopicsExtensions.CreateRetainedStore(Engine.Open());
        await store.SaveAsync(Exchange, [.. Names.Select(name => Message(name, 1))], []);
        foreach (var name in Names)
            await store.SaveAsync(name, [Message("of another exchange", 1)], []);
        await store.SaveAsync(Exchange, [Message("a", 5), Message("aa", 2)], [("#", 3), ("never", 3)]);
        // A call whose answer was lost is repeated, and one may be late.
        await store.SaveAsync(Exchange, [Message("a", 5), Message("aa", 1)], [("a", 4), ("#", 3)]);
        await Engine.CloseAsync();
        store = TopicsExtensions.CreateRetainedStore(Engine.Open());

        var read = await store.ReadAsync(Exchange, default);

        Assert.Equal(
            Names.Where(name => name != "#").Order(StringComparer.Ordinal),
            read.Select(message => message.Notification.RoutingKey).Order(StringComparer.Ordinal)
        );
        Assert.Equivalent(Message("a", 5), read.Single(message => message.Notification.RoutingKey == "a"), strict: true);
        Assert.Equal(2, read.Single(message => message.Notification.RoutingKey == "aa").Version);
        Assert.Equal(["of another exchange"], (await store.ReadAsync("a", default)).Select(message => message.Notification.RoutingKey));
    }

    private static RetainedMessage Message(string routingKey, long version) =>
        new(
            version,
            new Notification
            {
                Exchange = Exchange,
                RoutingKey = routingKey,
                Headers = [new("content-type", "text/plain"), new("x", "y")],
                Body = [0, 1, 0xFF, (byte)version],
                Persistent = true,
                MessageId = "m-1",
                ExpiresAt = 42,
            }
        );
}
