using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Edge.Tests;

/// <summary>Subscriptions to queues, of a client's and of its SENDs, as a silo sees them. What is sent goes to a real broker.</summary>
[Collection(BrokerCollection.Name)]
public sealed class QueueFeedTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private ScriptedSilo _silo = null!;
    private EdgeProcess _edge = null!;

    public async Task InitializeAsync()
    {
        _silo = await ScriptedSilo.StartNewAsync();
        _silo.AnswerQueue = _ => Task.FromResult(new QueueReply(_silo.Name, _silo.Link.Number, Refusal: null));
        _edge = await EdgeProcess.StartAsync(_silo.GatewayPort, await broker.CreateVhostAsync(), settings: [("Links__SubscribeTimeout", "00:00:03")]);
        await _edge.WaitForLinkAsync();
        await _edge.WaitForCheckAsync("broker", "ok");
    }

    public async Task DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Subscribe_GivenUpWhenTheSiloHasBegun_IsEndedThere()
    {
        var answered = new TaskCompletionSource<QueueReply>();
        _silo.AnswerQueue = async subscription =>
        {
            await _silo.PushAsync(subscription!, QueuePushKind.Begun);
            return await answered.Task;
        };
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");

        await client.SendAsync("SUBSCRIBE\nid:1\ndestination:/queue/jobs\n\n\0");

        await client.ErrorAsync("Service unavailable");
        var (queue, subscription) = Assert.Single(_silo.QueueSubscriptions);
        Assert.Equal("jobs", queue);
        await Wait.Until(() => _silo.EndedQueues.Any(ended => ended.Subscription == subscription.Id && ended.Registration >= subscription.Registration), "the silo to be told the end");
        answered.SetResult(new QueueReply(_silo.Name, _silo.Link.Number, Refusal: null));
    }

    [Theory]
    [InlineData("destination:/topic/check.request\nreply-to:/temp-queue/answers")]
    [InlineData("destination:/queue/mine\ndurable:false")]
    public async Task Send_WhoseQueueHasGone_MakesItAgain(string headers)
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await client.AskAsync($"SEND\n{headers}");
        await client.AskAsync($"SEND\n{headers}");
        var (_, first) = Assert.Single(_silo.QueueSubscriptions);

        await _silo.PushAsync(first, QueuePushKind.Cancelled);

        await client.ErrorAsync("Server cancelled subscription");
        await client.AskAsync($"SEND\n{headers}");
        Assert.Equal(2, _silo.QueueSubscriptions.Select(asked => asked.Subscription.Id).Distinct().Count());
    }

    [Fact]
    public async Task Send_ToAQueueOfTheSessionsOwnBehindManyOthers_HasItStill()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await client.AskAsync("SEND\ndestination:/queue/mine\ndurable:false");
        for (var i = 0; i <= 1000; i++)
            await client.SendAsync($"SEND\ndestination:/queue/other-{i}\n\n\0");

        await client.AskAsync("SEND\ndestination:/queue/mine\ndurable:false");

        Assert.Single(_silo.QueueSubscriptions);
    }
}
