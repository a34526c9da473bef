using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Users;

/// <summary>Nobody is online: what was published waits on disk, whatever is killed meanwhile.</summary>
public sealed class OfflineTests : IAsyncLifetime
{
    private readonly RunningSystem _system = new();

    public Task InitializeAsync() => _system.InitializeAsync();

    public Task DisposeAsync() => _system.DisposeAsync();

    [Fact]
    public async Task PersistentMessages_SiloAndBrokerKilled_AreTheFirstThingOfTheNextSessionInOrder()
    {
        await using (var publisher = await Publisher.ConnectAsync(_system.Broker.Uri))
        {
            for (var number = 1; number <= 30; number++)
                await publisher.PublishAsync("user.alice", $"{number}", messageId: $"m{number}");
        }
        await _system.Broker.SyncDeclarationsAsync();
        await _system.Silo.KillAsync();
        await _system.Broker.KillAsync();
        await _system.Broker.StartAsync();
        _system.Silo.Start();
        await _system.ReadyAsync();

        await using var session = await _system.ConnectAsync("alice");
        await session.SubscribeAsync("/exchange/notifications/user.alice.#");
        await using (var publisher = await Publisher.ConnectAsync(_system.Broker.Uri))
            await publisher.PublishAsync("user.alice", "31", messageId: "m31");

        var messages = await session.MessagesAsync(31);
        var firsts = messages.DistinctBy(message => message["amqp-message-id"]).Select(StompClient.Text);
        Assert.Equal(Enumerable.Range(1, 31).Select(number => $"{number}"), firsts);
        Assert.All(messages, message => Assert.Matches(@"^\d+-\d+$", message["x-offset"]));
    }
}
