using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Faults;

/// <summary>What is missing or breaks is said, costs nothing that was promised, and mends itself.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Broker_GoesAndComesBack_SessionsStayAndNothingIsLost()
    {
        await using var system = new RunningSystem();
        await system.InitializeAsync();
        await using var session = await system.ConnectAsync("alice");
        await session.SubscribeAsync("/exchange/notifications/user.alice.#");
        await using (var publisher = await Publisher.ConnectAsync(system.Broker.Uri))
            await publisher.PublishAsync("user.alice", "before");
        await session.MessagesAsync(1);

        await system.Broker.KillAsync();
        await system.Silo.NotReadyAsync("ingress");

        await system.Broker.StartAsync();
        await system.ReadyAsync();
        await using (var publisher = await Publisher.ConnectAsync(system.Broker.Uri))
            await publisher.PublishAsync("user.alice", "after");
        await session.WaitForAsync(frame => StompClient.Text(frame) == "after", "the message after the broker's return");
        Assert.False(session.IsEnded);
    }

    [Fact]
    public async Task Broker_AbsentAtStart_NodesSaySoAndBeginWhenItComes()
    {
        await using var system = new RunningSystem { StartsBroker = false };
        await system.InitializeAsync();
        await system.Silo.NotReadyAsync("ingress", "refused");

        await system.Broker.StartAsync();

        await system.ReadyAsync();
        await using var session = await system.ConnectAsync("alice");
        await session.SubscribeAsync("/exchange/notifications/user.alice.#");
        await using var publisher = await Publisher.ConnectAsync(system.Broker.Uri);
        await publisher.PublishAsync("user.alice", "hello");
        await session.MessagesAsync(1);
    }

    [Fact]
    public async Task OutboxDisk_Full_BrokerKeepsTheMessagesUntilThereIsRoom()
    {
        using var disk = SmallDisk.Mount(megabytes: 64);
        await using var system = new RunningSystem { OutboxFolder = Path.Combine(disk.Folder, "outbox") };
        await system.InitializeAsync();
        // So little room is left that the messages cannot fit.
        disk.FillUpTo(freeMegabytes: 3);
        const int Messages = 6000;
        var body = new string('x', 1500);
        await using (var publisher = await Publisher.ConnectAsync(system.Broker.Uri))
        {
            foreach (var chunk in Enumerable.Range(0, Messages).Chunk(500))
                await Task.WhenAll(chunk.Select(number => publisher.PublishAsync($"user.u{number % 10}", $"{number} {body}", messageId: $"{number}").AsTask()));
        }

        await system.Silo.NotReadyAsync("outbox");
        disk.Free();

        await system.ReadyAsync();
        var logs = Enumerable.Range(0, 10).ToDictionary(user => $"u{user}", _ => new UserLog());
        foreach (var (user, log) in logs)
        {
            await using var session = await system.ConnectAsync(user);
            session.KeepsFrames = true;
            session.OnFrame = log.RecordAsync;
            await session.SubscribeAsync($"/exchange/notifications/user.{user}.#");
            await Wait.Until(() => log.Count == Messages / 10, () => $"{Messages / 10} messages at {user}; there are {log.Count}", TimeSpan.FromSeconds(60));
            Assert.Equal(log.Firsts.Select(first => first.Number).Order(), log.Firsts.Select(first => first.Number));
        }
    }
}
