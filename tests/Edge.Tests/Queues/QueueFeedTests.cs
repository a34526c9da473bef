using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Edge.Tests.Queues;

/// <summary>Subscriptions to queues, of a client's and of its SENDs, as a silo sees them. What is sent goes to a real broker.</summary>
public sealed class QueueFeedTests(RabbitMqBroker broker) : EdgeAtBroker(broker)
{
    protected override IEnumerable<(string Name, string Value)> Settings => [("Links__SubscribeTimeout", "00:00:03")];

    protected override Task PrepareAsync()
    {
        Silo.AnswerQueue = _ => Task.FromResult(new QueueReply(Silo.Name, Silo.Link.Number, Refusal: null));
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Subscribe_GivenUpWhenTheSiloHasBegun_IsEndedThere()
    {
        var answered = new TaskCompletionSource<QueueReply>();
        Silo.AnswerQueue = async subscription =>
        {
            await Silo.PushAsync(subscription!, QueuePushKind.Begun);
            return await answered.Task;
        };
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");

        await client.SendAsync("SUBSCRIBE\nid:1\ndestination:/queue/jobs\n\n\0");

        await client.ErrorAsync("Service unavailable");
        var (queue, subscription) = Assert.Single(Silo.QueueSubscriptions);
        Assert.Equal("jobs", queue);
        await Wait.Until(
            () => Silo.EndedQueues.Any(ended => ended.Subscription == subscription.Id && ended.Registration >= subscription.Registration),
            "the silo to be told the end"
        );
        answered.SetResult(new QueueReply(Silo.Name, Silo.Link.Number, Refusal: null));
    }

    [Fact]
    public async Task Subscribe_InterruptedBeforeTheSilosAnswer_IsSubscribedAgain()
    {
        Silo.AnswerQueue = async subscription =>
        {
            if (Silo.QueueSubscriptions.Count == 1)
            {
                await Silo.PushAsync(subscription!, QueuePushKind.Begun);
                await Silo.PushAsync(subscription!, QueuePushKind.Interrupted);
            }
            return new QueueReply(Silo.Name, Silo.Link.Number, Refusal: null);
        };
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");

        await client.SubscribeAsync("/queue/jobs");

        var asked = Silo.QueueSubscriptions.Select(asked => asked.Subscription).ToArray();
        Assert.Equal(2, asked.Length);
        Assert.Equal(asked[0].Id, asked[1].Id);
        Assert.True(asked[1].Registration > asked[0].Registration, "subscribed again under a number that was used up");
    }

    [Theory]
    [InlineData("destination:/topic/check.request\nreply-to:/temp-queue/answers")]
    [InlineData("destination:/queue/mine\ndurable:false")]
    public async Task Send_WhoseQueueHasGone_MakesItAgain(string headers)
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await client.AskAsync($"SEND\n{headers}");
        await client.AskAsync($"SEND\n{headers}");
        var (_, first) = Assert.Single(Silo.QueueSubscriptions);

        await Silo.PushAsync(first, QueuePushKind.Cancelled);

        await client.ErrorAsync("Server cancelled subscription");
        await client.AskAsync($"SEND\n{headers}");
        Assert.Equal(2, Silo.QueueSubscriptions.Select(asked => asked.Subscription.Id).Distinct().Count());
    }

    [Theory]
    [InlineData("destination:/topic/check.request\nreply-to:/temp-queue/answers", "amq.gen-", "/temp-queue/answers", false)]
    [InlineData("destination:/topic/check.request\nreply-to:/temp-queue/answers", "amq.gen-", "/temp-queue/answers", true)]
    [InlineData("destination:/queue/mine\ndurable:false", "mine", "mine", false)]
    public async Task Send_WhoseQueueOtherRulesForbidBehindTheAnswer_LosesIt(string headers, string queue, string subscription, bool isTransaction)
    {
        var (answered, overtaken) = (new TaskCompletionSource(), new TaskCompletionSource());
        Silo.AuthorizeResource = question => !overtaken.Task.IsCompleted || !question.Name.StartsWith(queue, StringComparison.Ordinal);
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        if (isTransaction)
        {
            await client.AskAsync("BEGIN\ntransaction:t");
            await client.AskAsync($"SEND\n{headers}\ntransaction:t");
            // The rights are asked for once more.
            await ChangeRulesAsync("second");
        }
        Silo.HoldResource = question =>
        {
            if (!question.Name.StartsWith(queue, StringComparison.Ordinal))
                return Task.CompletedTask;
            answered.TrySetResult();
            return overtaken.Task;
        };
        await client.SendAsync(isTransaction ? "COMMIT\ntransaction:t\n\n\0" : $"SEND\n{headers}\n\n\0");
        await answered.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await ChangeRulesAsync("third");

        overtaken.SetResult();

        Assert.Equal(subscription, (await client.ErrorAsync("access_refused"))["subscription"]);
        var (_, asked) = Assert.Single(Silo.QueueSubscriptions);
        await Wait.Until(() => Silo.EndedQueues.Any(ended => ended.Subscription == asked.Id), "the silo to be told the end");
        await client.AskAsync("BEGIN\ntransaction:goes-on");
    }

    [Fact]
    public async Task Send_ToAQueueOfTheSessionsOwnBehindManyOthers_HasItStill()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await client.AskAsync("SEND\ndestination:/queue/mine\ndurable:false");
        for (var i = 0; i <= 1000; i++)
            await client.SendAsync($"SEND\ndestination:/queue/other-{i}\n\n\0");

        await client.AskAsync("SEND\ndestination:/queue/mine\ndurable:false");

        Assert.Single(Silo.QueueSubscriptions);
    }

    private async Task ChangeRulesAsync(string rules)
    {
        Silo.Rules = rules;
        await Edge.Process.WaitForOutputAsync($"by the rules that are in force now: {rules}");
    }
}
