using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Grains.Topics.Retained;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Topics;

/// <summary>The last message of a routing key, for those who subscribe later.</summary>
public sealed class RetainedTests : SiloWithEdge
{
    private IRetainedGrain Retained => Silo.Grains.GetGrain<IRetainedGrain>("notifications");

    [Fact]
    public async Task Message_TakesThePlaceOfTheLastOfItsKey_AndIsAsPersistentAsItsDeliveryModeSays()
    {
        await Edge.ChangeInterestAsync([new TopicInterest("notifications", "news.#")], []);
        var partition = new TestPartition(Silo);
        await partition.PublishAsync(
            Retain("news.a", "1"),
            Retain("news.b", "2", persistent: false),
            Retain("news.c", "3"),
            Retain("news.d", "4"),
            Retain("news.a", "5"),
            Notification("news.a", "not retained"),
            // Without a body it clears; what is transient takes the place of what is on disk there, too.
            Retain("news.c", "", persistent: false),
            Retain("news.d", "6", persistent: false),
            Retain("other", "7")
        );
        await Wait.Until(() => partition.Settled.Count == 9, "all to be settled");

        Assert.Equal(["2", "5", "6"], await ReadAsync("news.#"));
        Assert.Equal(["5"], await ReadAsync("news.a"));
        Assert.Empty(await ReadAsync("news.c"));
        await Wait.Until(() => Edge.Topics.Count == 8, "the live messages");
        var live = Edge.Topics.ToList();
        Assert.Equal(["1", "2", "3", "4", "5", "not retained", "", "6"], live.Select(push => push.Notification.Text()));
        Assert.Equal(
            live.Select(push => push.Retained).Where(version => version > 0).Order(),
            live.Select(push => push.Retained).Where(version => version > 0)
        );
        Assert.Equal(0, live[5].Retained);
        var page = await Retained.ReadAsync(new RetainedQuery("news.#"));
        Assert.Equal([live[1].Retained, live[4].Retained, live[7].Retained], page.Messages.Select(message => message.Version));
        Assert.Equal(
            ["6"],
            (await Retained.ReadAsync(new RetainedQuery("news.#", live[4].Retained, page.Last))).Messages.Select(message => message.Notification.Text())
        );

        await RestartAsync();
        Assert.Equal(["5", "7"], await ReadAsync("#"));
        Assert.True((await Retained.SetAsync([Retain("news.a", "8")]))[0] > page.Last, "a version went back");
    }

    [Fact]
    public async Task Limits_TakeTheOldest_AndWhatHasExpiredIsNotGiven()
    {
        var options = Silo.Services.GetRequiredService<IOptions<RetainedOptions>>().Value;
        options.MaxMessages = 3;
        await Retained.SetAsync([Retain("a", "1"), Retain("b", "2"), Retain("c", "3")]);
        await Retained.SetAsync([Retain("a", "4"), Retain("d", "5", expiresAt: DateTimeOffset.UtcNow.AddSeconds(-1))]);
        Assert.Equal(["3", "4"], await ReadAsync("#"));
        options.MaxBytes = 800;
        await Retained.SetAsync([Retain("e", new string('x', 700))]);
        Assert.Equal([new string('x', 700)], await ReadAsync("#"));

        await RestartAsync();
        Assert.Equal([new string('x', 700)], await ReadAsync("#"));
    }

    private static Notification Retain(string key, string body, bool persistent = true, DateTimeOffset? expiresAt = null) =>
        Notification(key, body, persistent, expiresAt: expiresAt, retain: true);

    private async Task<IEnumerable<string>> ReadAsync(string pattern) =>
        (await Retained.ReadAsync(new RetainedQuery(pattern))).Messages.Select(message => message.Notification.Text());
}
