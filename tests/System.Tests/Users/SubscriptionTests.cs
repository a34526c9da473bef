using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Users;

/// <summary>Who may subscribe to what, what arrives where, and what the broker sees of it.</summary>
[Collection(SharedSystem.Name)]
public sealed class SubscriptionTests(RunningSystem system)
{
    [Theory]
    [InlineData("/exchange/notifications/#")]
    [InlineData("/exchange/notifications/*.alice")]
    [InlineData("/exchange/notifications/user.*")]
    [InlineData("/exchange/notifications/user.#")]
    [InlineData("/exchange/notifications/user.bob")]
    [InlineData("/exchange/notifications/user.#.alice")]
    [InlineData("/exchange/other/user.alice")]
    public async Task Subscribe_OutsideOfWhatTheUserMayRead_IsRefused(string destination)
    {
        await using var session = await system.ConnectAsync("alice");

        await session.SendAsync(StompCommands.Subscribe, [("id", "0"), ("destination", destination), ("receipt", "r")]);

        var error = await session.WaitForAsync(frame => frame.Command == StompCommands.Error, "ERROR");
        Assert.Equal("access_refused", error["message"]);
        await Wait.Until(() => session.IsEnded, "the connection to be closed");
        Assert.DoesNotContain(session.Frames, frame => frame.Command == StompCommands.Receipt);
    }

    [Theory]
    [InlineData("user.alice.#")]
    [InlineData("user.alice.*.done")]
    public async Task Subscribe_OwnKeys_AreAllowedToTheirUserAlone(string pattern)
    {
        await using var alice = await system.ConnectAsync("alice");
        await using var bob = await system.ConnectAsync("bob");

        await alice.SubscribeAsync($"/exchange/notifications/{pattern}");
        await bob.SendAsync(StompCommands.Subscribe, [("id", "0"), ("destination", $"/exchange/notifications/{pattern}")]);

        Assert.Equal("access_refused", (await bob.WaitForAsync(frame => frame.Command == StompCommands.Error, "ERROR"))["message"]);
    }

    [Fact]
    public async Task Retained_IsGivenToWhoSubscribesLater_UntilItIsCleared()
    {
        var topic = $"topic.{Guid.NewGuid():n}";
        await using var publisher = await Publisher.ConnectAsync(system.Broker.Uri);
        await using var early = await system.ConnectAsync("alice");
        await early.SubscribeAsync($"/exchange/notifications/{topic}.#");
        await publisher.PublishAsync($"{topic}.a", "1", headers: new Dictionary<string, object?> { ["x-retain"] = "true" });
        await publisher.PublishAsync($"{topic}.b", "2", persistent: false, headers: new Dictionary<string, object?> { ["x-retain"] = true });
        await publisher.PublishAsync($"{topic}.a", "3");
        Assert.All(await early.MessagesAsync(3), message => Assert.Null(message["x-retained"]));

        await using (var late = await SubscribeAsync())
        {
            Assert.Equal(
                [("1", "true"), ("2", "true")],
                (await late.MessagesAsync(2)).Select(message => (StompClient.Text(message), message["x-retained"])).Order()
            );
            await late.DisconnectAsync();
        }
        await publisher.PublishAsync($"{topic}.a", "", headers: new Dictionary<string, object?> { ["x-retain"] = "true" });
        await early.MessagesAsync(4);
        await using var later = await SubscribeAsync();
        await publisher.PublishAsync($"{topic}.b", "4");
        Assert.Equal(["2", "4"], (await later.MessagesAsync(2)).Select(StompClient.Text));

        async Task<StompClient> SubscribeAsync()
        {
            var client = await system.ConnectAsync("bob");
            await client.SubscribeAsync($"/exchange/notifications/{topic}.#");
            return client;
        }
    }

    [Fact]
    public async Task Durable_OnOnesOwnMessages_EachDeviceGetsEachOnce_UntilItIsEnded()
    {
        await using var publisher = await Publisher.ConnectAsync(system.Broker.Uri);
        await using var laptop = await ConnectDeviceAsync("laptop");
        await using (var phone = await ConnectDeviceAsync("phone"))
        {
            await publisher.PublishAsync("user.gina", "1");
            await phone.MessagesAsync(1);
            await phone.DisconnectAsync();
        }
        await publisher.PublishAsync("user.gina", "2");
        await publisher.PublishAsync("user.gina", "3");
        Assert.Equal(["1", "2", "3"], (await laptop.MessagesAsync(3)).Select(StompClient.Text));

        await using (var phone = await ConnectDeviceAsync("phone"))
        {
            Assert.Equal(
                [("2", "false"), ("3", "false")],
                (await phone.MessagesAsync(2)).Select(message => (StompClient.Text(message), message["redelivered"]))
            );
            Assert.All(phone.Messages, message => Assert.Matches(@"^\d+-\d+$", message["x-offset"]));
            await phone.SendWithReceiptAsync(StompCommands.Unsubscribe, [("id", "phone"), ("durable", "true"), ("auto-delete", "false")]);
        }
        await publisher.PublishAsync("user.gina", "4");
        await laptop.MessagesAsync(4);

        await using var again = await ConnectDeviceAsync("phone");
        await publisher.PublishAsync("user.gina", "5");
        Assert.Equal("5", StompClient.Text((await again.MessagesAsync(1))[0]));

        async Task<StompClient> ConnectDeviceAsync(string id)
        {
            var session = await system.ConnectAsync("gina");
            await session.SubscribeAsync("/exchange/notifications/user.gina.#", id, "auto", ("durable", "true"), ("auto-delete", "false"));
            return session;
        }
    }

    [Fact]
    public async Task Publish_ToOneToManyAndToATopic_ReachesThoseItIsFor()
    {
        await using var carol = await system.ConnectAsync("carol");
        await using var dave = await system.ConnectAsync("dave");
        foreach (var (session, user) in new[] { (carol, "carol"), (dave, "dave") })
        {
            await session.SubscribeAsync($"/exchange/notifications/user.{user}.#", "mine");
            await session.SubscribeAsync("/exchange/notifications/broadcast.#", "all");
        }
        await using var publisher = await Publisher.ConnectAsync(system.Broker.Uri);

        await publisher.PublishAsync("user.carol.print.done", "one");
        await publisher.PublishAsync("print.done", "many", headers: new Dictionary<string, object?> { ["x-recipients"] = "carol, dave", ["x-color"] = "blue" });
        await publisher.PublishAsync("broadcast.news", "all");

        var carols = await carol.MessagesAsync(3);
        var daves = await dave.MessagesAsync(2);
        // Two routing keys, so two partitions: neither is before the other.
        Assert.Equal(["many", "one"], carols.Where(message => message["subscription"] == "mine").Select(StompClient.Text).Order());
        Assert.Equal(["many"], daves.Where(message => message["subscription"] == "mine").Select(StompClient.Text));
        Assert.Equal("all", StompClient.Text(carols.Single(message => message["subscription"] == "all")));
        Assert.Equal("all", StompClient.Text(daves.Single(message => message["subscription"] == "all")));
        var many = daves.Single(message => message["subscription"] == "mine");
        Assert.Equal("/exchange/notifications/print.done", many["destination"]);
        Assert.Equal("blue", many["x-color"]);
        Assert.Null(many["x-recipients"]);
        Assert.Equal("true", many["persistent"]);
    }

    [Fact]
    public async Task Send_OfAService_ReachesTheUserAndItsReceiptFollowsTheBrokersConfirm()
    {
        await using var service = await system.ConnectAsync("orders", "service");
        await service.SendWithReceiptAsync(
            StompCommands.Send,
            [("destination", "/exchange/notifications/user.erin.order"), ("persistent", "true"), ("content-type", "text/plain")],
            "shipped"
        );

        await using var erin = await system.ConnectAsync("erin");
        await erin.SubscribeAsync("/exchange/notifications/user.erin.#");

        var message = (await erin.MessagesAsync(1))[0];
        Assert.Equal("shipped", StompClient.Text(message));
        Assert.Equal("text/plain", message["content-type"]);
        Assert.DoesNotContain(message.Headers, header => header.Name.StartsWith("x-dotnet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_OfAUser_IsRefused()
    {
        await using var session = await system.ConnectAsync("frank");
        await session.SendAsync(StompCommands.Send, [("destination", "/exchange/notifications/user.alice"), ("receipt", "r")], "spam");
        Assert.Equal("access_refused", (await session.WaitForAsync(frame => frame.Command == StompCommands.Error, "ERROR"))["message"]);
    }

    [Fact]
    public async Task Unacknowledged_SessionIsLost_NextSessionGetsItMarked()
    {
        var first = await system.ConnectAsync("grace");
        await first.SubscribeAsync("/exchange/notifications/user.grace.#", ack: "client-individual");
        await using var publisher = await Publisher.ConnectAsync(system.Broker.Uri);
        await publisher.PublishAsync("user.grace", "1");
        await publisher.PublishAsync("user.grace", "2");
        var received = await first.MessagesAsync(2);
        await first.AckAsync(received[0]);
        await first.SendWithReceiptAsync(StompCommands.Begin, [("transaction", "t")]);
        await first.DisposeAsync();

        await using var second = await system.ConnectAsync("grace");
        await second.SubscribeAsync("/exchange/notifications/user.grace.#");

        var again = (await second.MessagesAsync(1))[0];
        Assert.Equal("2", StompClient.Text(again));
        Assert.Equal("true", again["redelivered"]);
    }

    [Fact]
    public async Task Token_Expires_SessionEndsWithAnError()
    {
        await using var session = await StompClient.ConnectAsync(system.StompAddress, "heidi", system.Tokens.For("heidi", TimeSpan.FromSeconds(4)));
        await session.SubscribeAsync("/exchange/notifications/user.heidi.#");

        var error = await session.WaitForAsync(frame => frame.Command == StompCommands.Error, "ERROR at the token's end");

        Assert.Contains("expired", $"{error["message"]} {StompClient.Text(error)}", StringComparison.OrdinalIgnoreCase);
        await Wait.Until(() => session.IsEnded, "the session to end");
    }

    [Fact]
    public async Task ThousandClients_ComeSubscribeAndLeave_TheBrokerSeesNothingOfIt()
    {
        var queues = await NamesAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, _) =>
        {
            await using var session = await system.ConnectAsync($"crowd{number}");
            await session.SubscribeAsync($"/exchange/notifications/user.crowd{number}.#", "mine");
            await session.SubscribeAsync("/exchange/notifications/broadcast.#", "all");
            if (number % 100 == 0)
                Assert.Equal(queues, await NamesAsync());
        });
        Assert.Equal(queues, await NamesAsync());

        async Task<(string Queues, int Bindings)> NamesAsync() =>
            (
                string.Join(' ', (await system.Broker.Management.GetQueuesAsync()).Select(queue => queue.Name).Order()),
                (await system.Broker.Management.GetBindingsAsync()).Count
            );
    }
}
