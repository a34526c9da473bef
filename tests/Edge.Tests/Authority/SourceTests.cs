using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Ingress;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Tests.Authority;

/// <summary>Sources that are no topic exchanges, of which the broker asks for no key.</summary>
public sealed class SourceTests(RabbitMqBroker broker) : EdgeAtBroker(broker)
{
    private static readonly string[] Types = [ExchangeType.Fanout, ExchangeType.Headers, ExchangeType.Direct];

    protected override async Task PrepareAsync()
    {
        foreach (var type in Types)
        {
            await Channel.ExchangeDeclareAsync(SourceOf(type), type);
            await Channel.ExchangeDeclareAsync(OtherOf(type), type);
        }
        Silo.Sources = [.. Types.Select(type => new SourceDescription(SourceOf(type), []))];
    }

    [Fact]
    public async Task Source_OfAnyType_IsReadByTheKeysThatTheUserMayRead()
    {
        foreach (var type in Types)
        {
            await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
            await client.SubscribeAsync($"/exchange/{SourceOf(type)}/user.alice.#", id: "own");
            await client.SendAsync($"SUBSCRIBE\nid:all\ndestination:/exchange/{SourceOf(type)}/#\n\n\0");
            Assert.StartsWith($"access to topic '#' in exchange '{SourceOf(type)}' ", (await client.ErrorAsync("access_refused")).Body);
            await client.ClosedAsync(4403);
        }
    }

    [Fact]
    public async Task Exchange_ThatIsNoSource_IsReadWithoutAKey()
    {
        foreach (var type in Types)
        {
            await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
            await client.SendAsync($"SUBSCRIBE\nid:all\ndestination:/exchange/{OtherOf(type)}/#\n\n\0");
            // She may; the scripted silo makes no queues.
            Assert.Equal("NOT_FOUND - no queue\n", (await client.ErrorAsync("not_found")).Body);
        }
    }

    [Fact]
    public async Task Source_OfAnyType_IsWrittenByTheKeysThatTheUserMayWrite()
    {
        Silo.AuthorizeTopic = question => question.RoutingKey is "chat.mallory.x" or "user.mallory";
        foreach (var type in Types)
        {
            var own = $"SEND\ndestination:/exchange/{SourceOf(type)}/chat.mallory.x";
            var others = $"SEND\ndestination:/exchange/{SourceOf(type)}/user.bob";
            foreach (var key in (string[])["chat.mallory.x", "user.bob"])
                await Channel.QueueBindAsync(Got, SourceOf(type), key);
            foreach (var refused in (string[])[others, $"{own}\nx-recipients:bob", $"{own}\nx-recipients:mallory,bob"])
            {
                await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "mallory");
                await client.SendAsync($"{refused}\nreceipt:r\n\nnobody gets it\0");
                Assert.StartsWith(
                    $"ACCESS_REFUSED - access to topic 'user.bob' in exchange '{SourceOf(type)}' ",
                    (await client.ErrorAsync("access_refused")).Body
                );
                await client.ClosedAsync(4403);
            }
            await using (var client = await WireClient.ConnectAsync(Edge.StompAddress, "mallory"))
                await client.AskAsync($"{own}\nx-recipients:mallory", type);
            Assert.Equal(type, Text(await GetAsync()));
        }
    }

    [Fact]
    public async Task Exchange_ThatIsNoSource_IsWrittenWithoutAKey()
    {
        Silo.AuthorizeTopic = _ => false;
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "mallory");
        foreach (var type in Types)
        {
            await Channel.QueueBindAsync(Got, OtherOf(type), "user.bob");
            await client.AskAsync($"SEND\ndestination:/exchange/{OtherOf(type)}/user.bob", type);
            Assert.Equal(type, Text(await GetAsync()));
        }
    }

    private static string SourceOf(string type) => $"source-{type}";

    private static string OtherOf(string type) => $"other-{type}";
}
