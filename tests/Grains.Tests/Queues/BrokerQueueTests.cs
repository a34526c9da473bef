using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Grains.Queues;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using RabbitMQ.Client;

namespace NotifyOrleans.Grains.Tests.Queues;

/// <summary>Subscriptions to queues of a real broker: what the broker promises of a queue holds for them. Each test has a queue of its own.</summary>
public sealed class BrokerQueueTests(QueueSilo silo) : IClassFixture<QueueSilo>
{
    private readonly string _queue = $"q-{Guid.NewGuid():n}";
    private readonly HashSet<long> _numbers = [];

    private ScriptedEdge Edge => silo.Edge;

    private IChannel Broker => silo.Channel;

    private IBrokerQueueGrain Queue => silo.Silo.Grains.GetGrain<IBrokerQueueGrain>(_queue);

    [Fact]
    public async Task Queue_WithTwoSubscriptions_IsSharedAmongThem()
    {
        await DeclareAsync();
        await SubscribeAsync(1);
        await SubscribeAsync(2);

        await PublishAsync([.. Enumerable.Range(0, 10).Select(i => $"{i}")]);

        var got = await MessagesAsync(10);
        Assert.Equal(5, got.Count(push => push.Subscription == NumberOf(1)));
        Assert.Equal(10, got.Select(Text).Distinct().Count());
        Assert.All(got, push => Assert.Equal("alice", push.User));
    }

    [Fact]
    public async Task Settle_AckRequeueAndReject_AreTheQueues()
    {
        await Broker.QueueDeclareAsync($"{_queue}-dead", durable: false, exclusive: false, autoDelete: false);
        await DeclareAsync(new QueueArgument("x-dead-letter-exchange", "", 0), new QueueArgument("x-dead-letter-routing-key", $"{_queue}-dead", 0));
        await SubscribeAsync(1);
        await PublishAsync("acked", "requeued", "rejected");
        var got = await MessagesAsync(3);

        await Edge.SettleAsync(got[0]);
        await Edge.SettleAsync(got[1], SettlementOutcome.Requeued);
        await Edge.SettleAsync(got[2], SettlementOutcome.Rejected);

        var again = (await MessagesAsync(4))[3];
        Assert.Equal(("requeued", true), (Text(again), again.Redelivered));
        Assert.All(got, push => Assert.False(push.Redelivered));
        await Wait.Until(async () => await Broker.MessageCountAsync($"{_queue}-dead") == 1, "the rejected message to be with the dead letters");
        await Edge.EndAsync(again);
        await Wait.Until(async () => await Broker.MessageCountAsync(_queue) == 1, "the message that was not settled to be back, and no other");
    }

    [Fact]
    public async Task Prefetch_HoldsBackWhatIsBeyondIt()
    {
        await DeclareAsync();
        await SubscribeAsync(1, subscription => subscription with { Prefetch = 2 });
        await PublishAsync("1", "2", "3");

        var got = await MessagesAsync(2);
        Assert.Equal(1u, await Broker.MessageCountAsync(_queue));
        await Edge.SettleAsync(got[0]);

        Assert.Equal(["1", "2", "3"], (await MessagesAsync(3)).Select(Text));
    }

    [Fact]
    public async Task Window_HoldsBackInTheSiloWhatIsBeyondIt()
    {
        using var delivered = Collect("notifyorleans.queues.delivered");
        await DeclareAsync();
        await SubscribeAsync(1, subscription => subscription with { MaxBytes = 1 });
        await PublishAsync("1", "2");

        await Wait.Until(() => delivered.GetMeasurementSnapshot().Count >= 2, "the silo to have both");
        // Behind everything that is on its way to the edge.
        await SubscribeAsync(2);
        await PushedAsync(push => push.Kind == QueuePushKind.Begun && push.Subscription == NumberOf(2), "the other subscription to begin");
        var first = Assert.Single(await MessagesAsync(1));
        await Edge.SettleAsync(first);

        Assert.Equal(["1", "2"], (await MessagesAsync(2)).Select(Text));
    }

    [Fact]
    public async Task Priorities_AreTheQueues()
    {
        await DeclareAsync(new QueueArgument("x-max-priority", null, 5));
        await PublishAsync("low");
        await Broker.BasicPublishAsync("", _queue, mandatory: false, new BasicProperties { Priority = 5 }, Encoding.UTF8.GetBytes("high"));

        await SubscribeAsync(1);

        Assert.Equal(["high", "low"], (await MessagesAsync(2)).Select(Text));
    }

    [Fact]
    public async Task Queue_Deleted_CancelsItsSubscriptions()
    {
        await DeclareAsync();
        await SubscribeAsync(1);

        await Broker.QueueDeleteAsync(_queue);

        await PushedAsync(push => push.Kind == QueuePushKind.Cancelled, "the cancellation");
    }

    [Fact]
    public async Task Subscription_OfAnExchange_EndsWithItsQueue()
    {
        var exchange = $"{_queue}-fanout";
        await Broker.ExchangeDeclareAsync(exchange, ExchangeType.Fanout);
        await SubscribeAsync(1, subscription => subscription with { Declaration = new(false, false, true, []), Binding = new QueueBinding(exchange, "") });
        await Broker.BasicPublishAsync(exchange, "", Encoding.UTF8.GetBytes("hello"));

        var got = Assert.Single(await MessagesAsync(1));
        Assert.Equal(("hello", exchange), (Text(got), got.Notification!.Exchange));
        await Edge.EndAsync(got);

        await Wait.Until(IsGoneAsync, "the queue to be gone");
    }

    [Fact]
    public async Task Subscription_ThatTheBrokerRefuses_IsToldItsWords()
    {
        await DeclareAsync();
        await RefusedAsync(
            406,
            subscription => subscription with { Declaration = new(Durable: false, Exclusive: false, AutoDelete: false, []) },
            "inequivalent arg 'durable'"
        );
        await RefusedAsync(404, subscription => subscription with { Binding = new QueueBinding("missing", "") }, "no exchange 'missing'");
    }

    [Fact]
    public async Task Queue_ThatIsExclusive_IsOneSessionsAndEndsWithIt()
    {
        QueueSubscription Exclusive(QueueSubscription subscription) => subscription with { Declaration = new(false, Exclusive: true, false, []) };
        await SubscribeAsync(1, Exclusive);
        await SubscribeAsync(2, Exclusive);

        await RefusedAsync(405, subscription => subscription with { Session = "session-2" });
        await Wait.Until(() => Pushes.Count(push => push.Kind == QueuePushKind.Begun) == 2, "both subscriptions to begin");
        foreach (var push in Pushes.Where(push => push.Kind == QueuePushKind.Begun).ToList())
            await Edge.EndAsync(push);

        await Wait.Until(
            async () => (await Edge.ConsumeAsync(_queue, subscription => subscription with { Session = "session-2" })).Refusal?.Code == 404,
            "the queue to be gone with its last subscription"
        );
    }

    [Fact]
    public async Task Queue_ThatASessionWantsAloneInVain_StaysEverybodys()
    {
        await DeclareAsync();
        await SubscribeAsync(1);

        await RefusedAsync(405, subscription => subscription with { Session = "session-2", Declaration = new(false, Exclusive: true, false, []) });

        await SubscribeAsync(2, subscription => subscription with { Session = "session-3" });
        Assert.Null((await Queue.DeclareAsync(new QueueDeclaration(Durable: true, false, false, []), "session-3")).Refusal);
    }

    [Fact]
    public async Task Queue_ThatASessionHasNotComeToHaveAlone_IsNotDeletedAtItsEnd()
    {
        using var consumers = Collect("notifyorleans.queues.consumers");
        await DeclareAsync();
        await SubscribeAsync(1, subscription => subscription with { Registration = 2 });

        // It is out before it begins: a later one is there.
        var late = await AskAsync(1, subscription => subscription with { Declaration = new(false, Exclusive: true, false, []) });

        Assert.Equal(0, late.Link);
        await Wait.Until(() => consumers.GetMeasurementSnapshot().Any(measurement => measurement.Value < 0), "its channel to be closed");
        await PublishAsync("m");
        Assert.Equal("m", Text(Assert.Single(await MessagesAsync(1))));
        Assert.DoesNotContain(Pushes, push => push.Kind == QueuePushKind.Cancelled);
    }

    [Fact]
    public async Task Subscription_ThatIsRegisteredAgain_GetsWhatItHadNotSettledUnderTheNewNumberAlone()
    {
        await DeclareAsync();
        await SubscribeAsync(1);
        await PublishAsync("m");
        var first = Assert.Single(await MessagesAsync(1));

        await SubscribeAsync(1, subscription => subscription with { Registration = 2 });

        var again = (await MessagesAsync(2))[1];
        Assert.Equal((2L, true), (again.Place.Epoch, again.Redelivered));
        // What belongs to the former registration changes nothing of this one.
        await Edge.SettleAsync(first);
        await Edge.EndAsync(first);
        await PublishAsync("n");
        Assert.Equal("n", Text((await MessagesAsync(3))[2]));
        await Edge.EndAsync(again);
        await Wait.Until(async () => await Broker.MessageCountAsync(_queue) == 2, "both messages to be back");
    }

    [Fact]
    public async Task Link_ThatEnds_GivesEverythingBack()
    {
        await DeclareAsync();
        await SubscribeAsync(1);
        await PublishAsync("m");
        await MessagesAsync(1);

        // A former link ends when the edge opens another.
        await Edge.OpenAsync();

        await Wait.Until(async () => await Broker.MessageCountAsync(_queue) == 1, "the message to be back");
        await SubscribeAsync(2);
        Assert.True(Assert.Single(await MessagesAsync(1)).Redelivered);
    }

    private IEnumerable<QueuePush> Pushes => Edge.Queues.Where(push => _numbers.Contains(push.Subscription));

    private Task DeclareAsync(params QueueArgument[] arguments) =>
        Broker.QueueDeclareAsync(
            _queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            arguments.ToDictionary(argument => argument.Name, argument => argument.Text is { } text ? text : (object?)argument.Number)
        );

    private async Task SubscribeAsync(long number, Func<QueueSubscription, QueueSubscription>? change = null)
    {
        var reply = await AskAsync(number, change);
        Assert.Null(reply.Refusal);
        Assert.Equal(Edge.Link, reply.Link);
    }

    private async Task RefusedAsync(int code, Func<QueueSubscription, QueueSubscription> change, string words = "")
    {
        QueueRefusal? refusal = null;
        await Wait.Until(async () => (refusal = (await AskAsync(9, change)).Refusal) is not null, $"refusal {code}");
        Assert.Equal(code, refusal!.Code);
        Assert.Contains(words, refusal.Text, StringComparison.Ordinal);
    }

    private Task<QueueReply> AskAsync(long number, Func<QueueSubscription, QueueSubscription>? change) => Edge.ConsumeAsync(_queue, subscription =>
        {
            _numbers.Add(NumberOf(number));
            return (change?.Invoke(subscription) ?? subscription) with { Id = NumberOf(number) };
        });

    /// <summary>Whether there is no such queue. If there still is, a consumer that comes and goes does not keep it.</summary>
    private async Task<bool> IsGoneAsync()
    {
        if ((await AskAsync(9, null)).Refusal is { } refusal)
            return refusal.Code == 404;
        await Edge.EndAsync(NumberOf(9), 1);
        return false;
    }

    /// <summary>The tests share an edge, and its numbers.</summary>
    private long NumberOf(long number) => ((long)_queue.GetHashCode(StringComparison.Ordinal) * 10) + number;

    private async Task PublishAsync(params string[] bodies)
    {
        foreach (var body in bodies)
            await Broker.BasicPublishAsync("", _queue, Encoding.UTF8.GetBytes(body));
    }

    private async Task<IReadOnlyList<QueuePush>> MessagesAsync(int count)
    {
        IReadOnlyList<QueuePush> got = [];
        await Wait.Until(
            () => (got = [.. Pushes.Where(push => push.Kind == QueuePushKind.Message)]).Count >= count,
            () => $"{count} messages; there are {got.Count}"
        );
        return got;
    }

    private Task PushedAsync(Func<QueuePush, bool> match, string what) => Wait.Until(() => Pushes.Any(match), what);

    private MetricCollector<long> Collect(string metric) => new(silo.Silo.Services.GetRequiredService<IMeterFactory>(), QueueMetrics.MeterName, metric);

    private static string Text(QueuePush push) => Encoding.UTF8.GetString(push.Notification!.Body);
}
