using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Topics;

/// <summary>Live topics: what silos are told, and who gets what.</summary>
public sealed class TopicTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    [Fact]
    public async Task Subscribe_IsKnownToTheSiloWithItsReceiptAndForgottenWithTheLast()
    {
        var interest = new TopicInterest("notifications", $"topic.{Guid.NewGuid():n}.#");
        await using var first = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await using var second = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "bob");
        await first.SubscribeAsync($"/exchange/notifications/{interest.Pattern}");
        Assert.Contains(interest, fixture.Silo.Interests.Keys);
        await second.SubscribeAsync($"/exchange/notifications/{interest.Pattern}");
        await first.AskAsync("UNSUBSCRIBE\nid:1");
        await PushAsync("notifications", interest.Pattern.Replace("#", "x", StringComparison.Ordinal), "for bob");
        Assert.Equal("for bob", (await second.FrameAsync("MESSAGE")).Body);
        second.Abort();
        await Wait.Until(() => !fixture.Silo.Interests.ContainsKey(interest), "the silo to forget the pattern");
    }

    [Fact]
    public async Task Message_GoesToEveryMatchingSubscriptionOnce()
    {
        var key = $"topic.{Guid.NewGuid():n}";
        await using var alice = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await using var bob = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "bob", "1.0");
        await alice.SubscribeAsync($"/topic/{key}", id: "literal");
        await alice.SubscribeAsync($"/exchange/amq.topic/{key}.*", id: "star");
        await alice.SubscribeAsync($"/topic/{key}.#", id: "hash");
        await bob.AskAsync($"SUBSCRIBE\ndestination:/topic/{key}.a");
        await PushAsync("amq.topic", key, "1");
        await PushAsync("amq.topic", $"{key}.a", "2");
        await PushAsync("notifications", $"{key}.a", "another exchange");
        await PushAsync("amq.topic", $"{key}.a/b%c.ä", "3");
        var got = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var message = await alice.FrameAsync("MESSAGE");
            got.Add($"{message["subscription"]} {message["destination"]} {message.Body}");
        }
        Assert.Equal(
            [$"literal /topic/{key} 1", $"hash /topic/{key} 1", $"star /topic/{key}.a 2", $"hash /topic/{key}.a 2", $"hash /topic/{key}.a%2Fb%25c.%C3%A4 3"],
            got
        );
        var plain = await bob.FrameAsync("MESSAGE");
        Assert.Equal("destination message-id redelivered content-length", plain.Names);
        Assert.StartsWith($"Q_/topic/{key}.a@@", plain["message-id"], StringComparison.Ordinal);
        await bob.AskAsync($"UNSUBSCRIBE\ndestination:/topic/{key}.a");
        Assert.False(alice.HasMore || bob.HasMore);
    }

    [Fact]
    public async Task Prefetch_HoldsBackUntilTheAck()
    {
        var key = $"topic.{Guid.NewGuid():n}";
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await client.SubscribeAsync($"/topic/{key}", more: "ack:client-individual\nprefetch-count:2");
        for (var i = 1; i <= 5; i++)
            await PushAsync("amq.topic", key, $"{i}");
        var first = await client.FrameAsync("MESSAGE");
        var second = await client.FrameAsync("MESSAGE");
        await client.AskAsync("BEGIN\ntransaction:nothing-between");
        await client.SendAsync($"NACK\nid:{second["ack"]}\n\n\0");
        var again = await client.FrameAsync("MESSAGE");
        Assert.Equal(("2", "true"), (again.Body, again["redelivered"]));
        await client.SendAsync($"ACK\nid:{first["ack"]}\n\n\0ACK\nid:{again["ack"]}\n\n\0");
        Assert.Equal("3", (await client.FrameAsync("MESSAGE")).Body);
        Assert.Equal("4", (await client.FrameAsync("MESSAGE")).Body);
        await client.AskAsync("BEGIN\ntransaction:nothing-more");
    }

    [Fact]
    public async Task Dropped_BySilo_EachSubscriptionIsToldOfItsOwnOnItsNextMessage()
    {
        var key = $"topic.{Guid.NewGuid():n}";
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await client.SubscribeAsync($"/exchange/notifications/{key}.a", id: "a");
        await client.SubscribeAsync($"/exchange/notifications/{key}.b", id: "b");
        await client.SubscribeAsync($"/exchange/notifications/{key}.*", id: "all");

        await DropAsync(
            others: 0,
            new DroppedKey("notifications", $"{key}.a", 2),
            new DroppedKey("notifications", $"{key}.c", 1),
            new DroppedKey("amq.topic", $"{key}.b", 1)
        );
        await PushAsync("notifications", $"{key}.a", "1");
        await PushAsync("notifications", $"{key}.b", "2");
        Assert.Equal([("a", "1", "2"), ("all", "1", "3"), ("all", "2", null), ("b", "2", null)], await ReadAsync());

        // Of more keys than can be counted anybody may have missed something.
        await DropAsync(others: 7, new DroppedKey("notifications", $"{key}.a", 1));
        await PushAsync("notifications", $"{key}.a", "3");
        await PushAsync("notifications", $"{key}.b", "4");
        Assert.Equal([("a", "3", "8"), ("all", "3", "8"), ("all", "4", null), ("b", "4", "7")], await ReadAsync());

        async Task DropAsync(long others, params DroppedKey[] keys) =>
            Assert.Equal(PushReply.Accepted, await fixture.Silo.DropAsync(new DroppedTopics(fixture.Silo.SkipTopic(), keys, others)));

        async Task<List<(string?, string, string?)>> ReadAsync()
        {
            List<(string?, string, string?)> read = [];
            while (read.Count < 4)
            {
                var message = await client.FrameAsync("MESSAGE");
                read.Add((message["subscription"], message.Body, message["x-dropped"]));
            }
            return [.. read.Order()];
        }
    }

    [Fact]
    public async Task Client_ThatDoesNotAckItsTopics_MissesWhatDoesNotFitAndIsTold()
    {
        var key = $"topic.{Guid.NewGuid():n}";
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await client.SubscribeAsync($"/topic/{key}", more: "ack:client-individual\nprefetch-count:1");
        for (var i = 1; i <= 30; i++)
            await PushAsync("amq.topic", key, $"{i} {new string('x', 50_000)}");
        // What waits is at most 1 MiB: the first is on its way, 20 wait.
        for (var i = 1; i <= 21; i++)
        {
            var message = await client.FrameAsync("MESSAGE");
            Assert.Equal(($"{i}", null), (message.Body.Split(' ')[0], message["x-dropped"]));
            await client.SendAsync($"ACK\nid:{message["ack"]}\n\n\0");
        }
        await client.AskAsync("BEGIN\ntransaction:behind-the-acks");
        await PushAsync("amq.topic", key, "31");
        var next = await client.FrameAsync("MESSAGE");
        Assert.Equal(("31", "9"), (next.Body, next["x-dropped"]));
    }

    [Fact]
    public async Task Client_ThatDoesNotRead_MissesWhatDoesNotFitAndOthersDoNot()
    {
        var key = $"topic.{Guid.NewGuid():n}";
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await using var other = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "bob");
        await client.SubscribeAsync($"/topic/{key}");
        await other.SubscribeAsync($"/topic/{key}");
        client.StopReading();
        var before = await DroppedAsync();
        for (var i = 1; i <= 30; i++)
        {
            await PushAsync("amq.topic", key, $"{i} {new string('x', 100_000)}");
            Assert.StartsWith($"{i} ", (await other.FrameAsync("MESSAGE")).Body, StringComparison.Ordinal);
        }
        await Wait.Until(async () => await DroppedAsync() > before, "dropped messages in the metrics");

        client.ReadAgain();
        var (got, dropped, number) = (0, 0, 30);
        for (var body = ""; body != $"{number}"; got++)
        {
            // What is pushed before there is room is dropped too.
            if (!client.HasMore && got + dropped < number)
                await PushAsync("amq.topic", key, $"{++number}");
            var message = await client.FrameAsync("MESSAGE");
            dropped += int.Parse(message["x-dropped"] ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            body = message.Body.Split(' ')[0];
            Assert.Equal($"{got + dropped + 1}", body);
        }
        Assert.True(dropped > 0, "it was not told");

        Task<double> DroppedAsync() => fixture.Edge.MetricAsync("notifyorleans_edge_links_dropped_total", "reason=\"slow_client\"");
    }

    [Fact]
    public async Task Broadcast_ComesToEverySessionOnceAndInOrder()
    {
        const int Sessions = 150,
            Messages = 40;
        var key = $"topic.{Guid.NewGuid():n}";
        var clients = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(i => WireClient.ConnectAsync(fixture.Edge.StompAddress, $"user-{i}")));
        try
        {
            await Task.WhenAll(clients.Select(client => client.SubscribeAsync($"/topic/{key}")));
            for (var i = 0; i < Messages; i++)
                await PushAsync("amq.topic", key, $"{i}");
            foreach (var client in clients)
            {
                for (var i = 0; i < Messages; i++)
                    Assert.Equal($"{i}", (await client.FrameAsync("MESSAGE")).Body);
                Assert.False(client.HasMore);
            }
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    private async Task PushAsync(string exchange, string key, string body) =>
        Assert.Equal(PushReply.Accepted, await fixture.Silo.PushAsync(Messages.Notification(key, body, exchange: exchange)));
}
