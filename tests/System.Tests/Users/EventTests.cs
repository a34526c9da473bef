using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Users;

/// <summary>What a service beside us hears about users, to send a push or a mail.</summary>
public sealed class EventTests : IAsyncLifetime
{
    private readonly RunningSystem _system = new()
    {
        SiloSettings =
        {
            ["Events__Undelivered__After"] = "00:00:02",
            ["Events__Presence__Enabled"] = "true",
            ["Mailbox__TakeoverGrace"] = "00:00:00",
            ["Mailbox__RefreshGrace"] = "00:00:10",
        },
    };

    public Task InitializeAsync() => _system.InitializeAsync();

    public Task DisposeAsync() => _system.DisposeAsync();

    [Fact]
    public async Task Users_WhoComeAndGo_AreToldOf_AndWhatWaitsForThemOnceForEachAbsence()
    {
        await using var service = await EventListener.ConnectAsync(_system.Broker.Uri, "notify.undelivered", "notify.presence");
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        await using (var former = await ConnectAsync())
            await former.CloseAsync(1001);
        await LeaveAsync(await ConnectAsync());
        await service.WaitForAsync("user.alice.offline", 1);

        await publisher.PublishAsync("user.alice", "1");
        await publisher.PublishAsync("user.alice", "2");
        await service.WaitForAsync("user.alice", 1);
        await using (var session = await ConnectAsync())
        {
            await session.MessagesAsync(2);
            await LeaveAsync(session);
        }
        await publisher.PublishAsync("user.alice", "3");
        await publisher.PublishAsync("user.b.ob", "4", headers: new Dictionary<string, object?> { ["x-recipients"] = "b.ob" });

        await service.WaitForAsync("user.alice", 2);
        await service.WaitForAsync("user.b%2Eob", 1);
        Assert.Equal(
            ["online", "offline", "online", "offline"],
            service.Events.Where(each => each.Exchange == "notify.presence").Select(each => $"{each.Body.GetProperty("state")}")
        );
        var undelivered = service.Events.Where(each => each.Exchange == "notify.undelivered").ToList();
        Assert.Equal([("alice", 2), ("alice", 1)], undelivered.Where(each => each.Key == "user.alice").Select(Count));
        Assert.Equal(("b.ob", 1), Count(Assert.Single(undelivered, each => each.Key == "user.b%2Eob")));
        Assert.Equal(3, undelivered.Select(each => each.MessageId).Distinct().Count());
    }

    private static (string? User, int Messages) Count(EventListener.Event undelivered) =>
        (undelivered.Body.GetProperty("user").GetString(), undelivered.Body.GetProperty("messages").GetInt32());

    private async Task<StompClient> ConnectAsync()
    {
        var session = await _system.ConnectAsync("alice");
        await session.SubscribeAsync("/exchange/notifications/user.alice.#");
        return session;
    }

    private static async Task LeaveAsync(StompClient session)
    {
        await using (session)
            await session.DisconnectAsync();
    }
}
