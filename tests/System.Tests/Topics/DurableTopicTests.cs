using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;
using Xunit.Abstractions;

namespace NotifyOrleans.System.Tests.Topics;

/// <summary>
/// Durable subscriptions to topics, with real parts: what was published while nobody was there, and what when silos and edges die. By hand with as many
/// subscriptions as it is promised for:
/// <c>DURABLE_SUBSCRIPTIONS=100000 dotnet test tests/System.Tests -c Release --filter ManySubscriptions --logger "console;verbosity=detailed"</c>.
/// </summary>
[Collection(SharedSystem.Name)]
public sealed class DurableTopicTests(RunningSystem system, ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly (string, string)[] Durable = [("durable", "true"), ("auto-delete", "false")];

    private const int PerUser = 10;

    private static readonly int Subscriptions = Scale.Of("DURABLE_SUBSCRIPTIONS", 200);

    // A user of each test alone.
    private readonly string _user = $"u{Guid.NewGuid():n}"[..9];
    private Publisher _publisher = null!;

    private string Topic => $"/exchange/notifications/topic.{_user}.#";

    public async Task InitializeAsync() => _publisher = await Publisher.ConnectAsync(system.Broker.Uri);

    public async Task DisposeAsync() => await _publisher.DisposeAsync();

    [Fact]
    public async Task WhileAway_EverythingWaitsInOrderAndComesOnce()
    {
        await PublishAsync("before");
        await using (var first = await SubscribeAsync())
        {
            await PublishAsync("1", "2t");
            await first.MessagesAsync(2);
            await first.DisconnectAsync();
        }
        await PublishAsync("3", "4t", "5");

        await using (var second = await SubscribeAsync())
        {
            await PublishAsync("6");
            Assert.Equal(["3", "4t", "5", "6"], (await second.MessagesAsync(4)).Select(StompClient.Text));
            Assert.All(second.Messages, message => Assert.Null(message["x-dropped"]));
            await second.DisconnectAsync();
        }
        // The goodbye proves what was written before it.
        await using var third = await SubscribeAsync();
        await PublishAsync("7");
        Assert.Equal([("7", "false")], (await third.MessagesAsync(1)).Select(message => (StompClient.Text(message), message["redelivered"])));
    }

    [Fact]
    public async Task Acks_WhatIsNotAcknowledgedComesAgainFlagged()
    {
        await using (var first = await SubscribeAsync("client-individual"))
        {
            await PublishAsync("1", "2", "3");
            var messages = await first.MessagesAsync(3);
            await first.AckAsync(messages[0]);
            await first.AckAsync(messages[2]);
            await first.SendWithReceiptAsync(StompCommands.Begin, [("transaction", "behind-the-acks")]);
            first.Abort();
        }
        await PublishAsync("4");

        await using var second = await SubscribeAsync("client-individual");
        var again = await second.MessagesAsync(3);

        // The cursor is before the first that is not acknowledged.
        Assert.Equal([("2", "true"), ("3", "true"), ("4", "false")], again.Select(message => (StompClient.Text(message), message["redelivered"])));
    }

    [Fact]
    public async Task Unsubscribe_WithItsHeaders_EndsIt_AndOtherwiseItStays()
    {
        await using var client = await SubscribeAsync();
        await client.SendWithReceiptAsync(StompCommands.Unsubscribe, [("id", "d")]);
        await PublishAsync("waits");
        await client.SubscribeAsync(Topic, "d", more: Durable);
        Assert.Equal("waits", StompClient.Text((await client.MessagesAsync(1))[0]));

        await client.SendWithReceiptAsync(StompCommands.Unsubscribe, [("id", "d"), .. Durable]);
        await PublishAsync("for nobody");
        // Behind it on the same way.
        await using var witness = await system.ConnectAsync(_user);
        await witness.SubscribeAsync(Topic);
        await PublishAsync("seen");
        await witness.WaitForAsync(frame => StompClient.Text(frame) == "seen", "the witness to see it");
        await client.SubscribeAsync(Topic, "d", more: Durable);
        await PublishAsync("last");
        Assert.Equal(["waits", "last"], (await client.MessagesAsync(2)).Select(StompClient.Text));
    }

    [Fact]
    public async Task SameId_ToAnotherDestination_IsAnotherSubscription()
    {
        await using (var client = await SubscribeAsync())
            await client.DisconnectAsync();
        await using var other = await system.ConnectAsync(_user);
        await other.SubscribeAsync($"/exchange/notifications/topic.{_user}.b", "d", more: Durable);
        await PublishAsync("1");
        await _publisher.PublishAsync($"topic.{_user}.b", "2");
        Assert.Equal("2", StompClient.Text((await other.MessagesAsync(1))[0]));
        await using var client2 = await SubscribeAsync();
        // Two routing keys, so two partitions: neither is before the other.
        Assert.Equal(["1", "2"], (await client2.MessagesAsync(2)).Select(StompClient.Text).Order());
    }

    [Fact]
    public async Task SiloAndEdgeAreKilled_UnderLoad_NothingIsMissedAndOrderIsKept()
    {
        await using var steady = await SubscribeAsync(id: "steady");
        await using (var early = await SubscribeToRetainedAsync())
        {
            await _publisher.PublishAsync($"topic.retained.{_user}", "last", headers: new Dictionary<string, object?> { ["x-retain"] = "true" });
            await early.MessagesAsync(1);
        }
        var published = 0;
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await PublishAsync($"{++published}");
        });
        await steady.MessagesAsync(20);
        await system.Silo.KillAsync();
        system.Silo.Start();
        await system.ReadyAsync();
        var before = steady.Messages.Count;
        await steady.MessagesAsync(before + 20, TimeSpan.FromSeconds(30));
        await system.Edge.KillAsync();
        system.Edge.Start();
        await system.ReadyAsync();
        await using var next = await SubscribeAsync(id: "steady");
        await next.MessagesAsync(20, TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await publishing;

        await Wait.Until(() => next.Messages.Any(message => NumberOf(message) == published), "the last message", TimeSpan.FromSeconds(30));
        var got = steady.Messages.Concat(next.Messages).ToList();
        Assert.Equal(Enumerable.Range(1, published), got.Select(NumberOf).Distinct().Order());
        // Once, and in order; what comes again says so.
        var fresh = got.Where(message => message["redelivered"] == "false").Select(NumberOf).ToList();
        Assert.Equal(fresh.Order().Distinct(), fresh);
        await using var late = await SubscribeToRetainedAsync();
        var retained = (await late.MessagesAsync(1))[0];
        Assert.Equal(("last", "true"), (StompClient.Text(retained), retained["x-retained"]));

        async Task<StompClient> SubscribeToRetainedAsync()
        {
            var client = await system.ConnectAsync(_user);
            await client.SubscribeAsync($"/exchange/notifications/topic.retained.{_user}");
            return client;
        }
    }

    [Fact]
    public async Task ManySubscriptions_OneOfAHundredIsThere_EachMessageIsOneRow_AndWhoComesBackHasAllInOrder()
    {
        const int Messages = 100;
        var users = Enumerable.Range(0, Subscriptions / PerUser).Select(number => $"{_user}-{number}").ToList();
        var clock = Stopwatch.StartNew();
        foreach (var some in users.Chunk(500))
            await Task.WhenAll(some.Select(BeginAllAsync));
        output.WriteLine($"{users.Count * PerUser} subscriptions begun in {clock.Elapsed.TotalSeconds:0} s");
        var there = new List<StompClient>();
        foreach (var some in users.Take(Subscriptions / 100).Chunk(100))
            there.AddRange(await Task.WhenAll(some.Select(user => SubscribeAsync(user, "d0"))));
        var rows = await RowsAsync();
        await PublishAsync([.. Enumerable.Range(1, Messages).Select(number => $"{number}")]);
        await Task.WhenAll(there.Select(client => client.MessagesAsync(Messages, TimeSpan.FromMinutes(2))));
        await Wait.Until(async () => (await RowsAsync()).Topics - rows.Topics >= Messages, "the rows to be counted");
        Assert.Equal((rows.Topics + Messages, rows.Outbox), await RowsAsync());

        await using var back = await system.ConnectAsync(users[0]);
        clock.Restart();
        await back.SubscribeAsync(Topic, "d1", more: Durable);
        var messages = await back.MessagesAsync(Messages);
        output.WriteLine($"{there.Count} are there; one who came back had {Messages} messages after {clock.Elapsed.TotalMilliseconds:0} ms");
        Assert.All(there.Append(back), client => Assert.Equal(Enumerable.Range(1, Messages), client.Messages.Select(NumberOf)));
        foreach (var client in there)
            await client.DisposeAsync();

        async Task BeginAllAsync(string user)
        {
            await using var client = await system.ConnectAsync(user);
            for (var number = 0; number < PerUser; number++)
                await client.SubscribeAsync(Topic, $"d{number}", more: Durable);
            await client.DisconnectAsync();
        }

        async Task<StompClient> SubscribeAsync(string user, string id)
        {
            var client = await system.ConnectAsync(user);
            await client.SubscribeAsync(Topic, id, more: Durable);
            return client;
        }

        async Task<(double Topics, double Outbox)> RowsAsync() =>
            (await system.Silo.MetricAsync("notifyorleans_topics_appended_total"), await system.Silo.MetricAsync("notifyorleans_outbox_rows_appended_total"));
    }

    [Fact]
    public async Task ComingBackUnderLoad_SeamHasNeitherGapNorRepeat()
    {
        var published = 0;
        using var stop = new CancellationTokenSource();
        List<StompFrame> got = [];
        await using (var first = await SubscribeAsync())
            await first.DisconnectAsync();
        var publishing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await PublishAsync($"{++published}");
        });
        for (var round = 0; round < 3; round++)
        {
            await using var client = await SubscribeAsync();
            await client.MessagesAsync(200);
            await client.DisconnectAsync();
            got.AddRange(client.Messages);
        }
        await stop.CancelAsync();
        await publishing;
        await using var last = await SubscribeAsync();
        await Wait.Until(() => last.Messages.Any(message => NumberOf(message) == published), "the last message");
        got.AddRange(last.Messages);

        Assert.Equal(Enumerable.Range(1, published), got.Select(NumberOf).Distinct());
        // What was under way when a client went may have arrived: it says so.
        Assert.All(got.GroupBy(NumberOf), group => Assert.All(group.Skip(1), repeat => Assert.Equal("true", repeat["redelivered"])));
    }

    private static int NumberOf(StompFrame message) => int.Parse(StompClient.Text(message), CultureInfo.InvariantCulture);

    private async Task<StompClient> SubscribeAsync(string ack = "auto", string id = "d")
    {
        var client = await system.ConnectAsync(_user);
        await client.SubscribeAsync(Topic, id, ack, Durable);
        return client;
    }

    private async Task PublishAsync(params string[] bodies)
    {
        foreach (var body in bodies)
            await _publisher.PublishAsync($"topic.{_user}.a", body, persistent: !body.EndsWith('t'));
    }
}
