using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Delivery;

/// <summary>What happens to sessions when silos come, go, forget and misbehave. Each test has a silo and an edge of its own.</summary>
public sealed class LinkTests
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Edge_WithoutASilo_RunsAndRefusesSessionsUntilThereIsOne()
    {
        await using var silo = new ScriptedSilo();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForCheckAsync("silos", "not linked to any silo");
        await using (var early = await WireClient.OpenAsync(edge.StompAddress))
        {
            await early.SendAsync("CONNECT\naccept-version:1.2\nlogin:alice\npasscode:token-alice\n\n\0");
            await early.ErrorAsync("Service unavailable");
            await early.ClosedAsync(1013);
        }
        await silo.StartAsync();
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.SubscribeAsync("/exchange/notifications/user.alice.#");
    }

    [Fact]
    public async Task Silo_ThatIsLostAndComesBack_GetsTheSessionsAgainAndTheyStayOpen()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForLinkAsync();
        await using var alice = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await alice.SubscribeAsync("/exchange/notifications/user.alice.#");
        await alice.SubscribeAsync("/exchange/notifications/broadcast.#", id: "2");

        await silo.StopAsync();
        await edge.WaitForCheckAsync("silos", "not linked");
        // Said while there is nobody to hear it: it waits.
        await using var bob = await WireClient.OpenAsync(edge.StompAddress);
        await alice.SendAsync("SUBSCRIBE\nid:3\ndestination:/exchange/notifications/user.alice.done\nreceipt:gap\n\n\0");
        silo.Registrations.Clear();
        silo.Epoch = 2;
        await silo.StartAsync();

        await Wait.Until(() => Registered(silo, "alice", "user.alice.#"), "alice to be registered again", Promise);
        Assert.Equal("gap", (await alice.FrameAsync("RECEIPT"))["receipt-id"]);
        await Wait.Until(() => silo.Interests.ContainsKey(new TopicInterest("notifications", "broadcast.#")), "the topic to be wanted again", Promise);
        await PushAsync(silo, "alice", "after");
        Assert.Equal("after", (await alice.FrameAsync("MESSAGE")).Body);
        await bob.SendAsync("CONNECT\naccept-version:1.2\nlogin:bob\npasscode:token-bob\n\n\0");
        await bob.FrameAsync("CONNECTED");
    }

    [Fact]
    public async Task Edge_ThatStopsWhenNoSiloAnswers_EndsInOrderWithDurableSubscriptions()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForLinkAsync();
        silo.TakeUpDurable = _ => new DurableOpening(1, []);
        await using var former = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await former.SubscribeAsync("/exchange/notifications/topic.news", "d", "durable:true\nauto-delete:false");
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "bob");
        await client.SubscribeAsync("/exchange/notifications/topic.news", "d", "durable:true\nauto-delete:false");
        await silo.StopAsync();
        // How far one has come is being saved, and the other one's waits behind it.
        await former.CloseAsync();

        await edge.Process.TerminateAsync(Promise);

        Assert.Equal(0, edge.Process.ExitCode);
    }

    [Fact]
    public async Task Subscribe_WhenNoSiloComesInTime_IsToldToTryAgain()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort, settings: [("Links__SubscribeTimeout", "00:00:01")]);
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        silo.RefusesToRegister = true;
        await client.SendAsync("SUBSCRIBE\nid:1\ndestination:/exchange/notifications/user.alice.#\nreceipt:r\n\n\0");
        var error = await client.ErrorAsync("Service unavailable");
        Assert.Equal("r", error["receipt-id"]);
        await client.ClosedAsync(1013);
    }

    [Fact]
    public async Task Link_ThatTheSiloForgot_IsOpenedAnewAndTheSessionsAreRegisteredAgain()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.SubscribeAsync("/exchange/notifications/user.alice.#");
        silo.Registrations.Clear();
        silo.ForgetsLinks = true;
        await Wait.Until(() => silo.OpenedLinks >= 2, "another link");
        silo.ForgetsLinks = false;
        await Wait.Until(() => Registered(silo, "alice", "user.alice.#"), "alice to be registered again");
        await Wait.Until(async () => await edge.MetricAsync("notifyorleans_edge_links_lost_total", "unknown") >= 1, "the lost link in the metrics");
        await PushAsync(silo, "alice", "x");
        Assert.Equal("x", (await client.FrameAsync("MESSAGE")).Body);
    }

    [Fact]
    public async Task Link_OpenedAnew_SaysHowFarTopicsHaveComeAndBringsWhatIsMissingToThoseWhoWantedIt()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForLinkAsync();
        Assert.Null(silo.Had);
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.SubscribeAsync("/exchange/notifications/topic.#");
        await silo.PushAsync(Message("had", "topic.a"));
        Assert.Equal("had", (await client.FrameAsync("MESSAGE")).Body);
        var had = silo.LastTopic;
        var (missed, lost) = (silo.SkipTopic(), silo.SkipTopic());

        silo.ForgetsLinks = true;
        await Wait.Until(() => silo.OpenedLinks >= 2, "another link");
        silo.ForgetsLinks = false;
        await edge.WaitForLinkAsync();
        Assert.Equal(had, silo.Had![0]);
        // It was not there when these came.
        await client.SubscribeAsync("/exchange/notifications/topic.a", id: "new");
        await AcceptedAsync(() => silo.PushAsync(Message("missed", "topic.a"), missed));
        await AcceptedAsync(() => silo.DropAsync(new DroppedTopics(lost, [new DroppedKey("notifications", "topic.a", 2)], Others: 0)));
        await AcceptedAsync(() => silo.PushAsync(Message("next", "topic.a")));

        Dictionary<string, List<(string, string?)>> got = new() { ["1"] = [], ["new"] = [] };
        while (got.Values.Sum(messages => messages.Count) < 3)
        {
            var message = await client.FrameAsync("MESSAGE");
            got[message["subscription"]!].Add((message.Body, message["x-dropped"]));
        }
        Assert.Equal([("missed", null), ("next", "2")], got["1"]);
        Assert.Equal([("next", null)], got["new"]);
    }

    [Fact]
    public async Task Pattern_WhoseEndTheLostLinkHadToTell_IsWantedOverTheNextOneAllTheSame()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.SubscribeAsync("/exchange/notifications/topic.a");
        var answer = new TaskCompletionSource();
        silo.ChangingInterest = answer.Task;
        await client.SendAsync("UNSUBSCRIBE\nid:1\n\n\0");
        await Wait.Until(() => silo.Interests.IsEmpty, "the silo to hear of the end");

        await client.SendAsync("SUBSCRIBE\nid:2\ndestination:/exchange/notifications/topic.a\nreceipt:again\n\n\0");
        silo.ForgetsLinks = true;
        await Wait.Until(() => silo.OpenedLinks >= 2, "another link");
        silo.ForgetsLinks = false;
        Assert.Equal("again", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        // It is late, and not of this link.
        silo.ChangingInterest = Task.CompletedTask;
        answer.SetResult();
        await Wait.Until(() => silo.InterestAnswers == 2, "the late answer");
        // Behind it, by the same way.
        await client.SubscribeAsync("/exchange/notifications/topic.b", id: "3");
        client.Abort();

        await Wait.Until(() => silo.LostTopics.Count == 2, "both to be lost");
        Assert.All(silo.LostTopics, lost => Assert.Equal(silo.Name, Assert.Single(lost.Marks).Silo));
    }

    [Fact]
    public async Task Batch_ThatStaysMissing_HasTheLinkOpenedAnew()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.SubscribeAsync("/exchange/notifications/user.alice.#");
        var opened = silo.OpenedLinks;
        silo.Registrations.Clear();
        silo.Link.NextSequence(0);
        await silo.Link.SendAsync(0, [], [new TopicPush(false, Message("behind a gap"), 1)]);
        await Wait.Until(() => silo.OpenedLinks > opened && Registered(silo, "alice", "user.alice.#"), "another link, and alice on it", Promise);
        await PushAsync(silo, "alice", "x");
        Assert.Equal("x", (await client.FrameAsync("MESSAGE")).Body);
    }

    [Fact]
    public async Task Batch_FarAheadOrOfAnUnknownLink_IsAnsweredSo()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForLinkAsync();
        var link = silo.Link;
        var unknown = new ScriptedLink(silo.Name, 999, [link.LaneOf(0)]);
        Assert.Equal(PushReply.UnknownLink, await unknown.SendAsync(0, [], []));
        for (var sequence = 2; sequence <= 17; sequence++)
            Assert.Equal(PushReply.Accepted, await link.SendAsync(link.Batch(0, sequence, [], [])));
        Assert.Equal(PushReply.UnknownLink, await link.SendAsync(link.Batch(0, 18, [], [])));
        await Wait.Until(() => silo.OpenedLinks > link.Number, "another link");
    }

    [Fact]
    public async Task Shard_WithANewOwner_GetsItsSessionsRegisteredAgain()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.SubscribeAsync("/exchange/notifications/user.alice.#");
        silo.HostedShards = [new HostedShard(ShardMap.ShardOf("alice"), 1)];
        await Wait.Until(() => Registered(silo, "alice", "user.alice.#"), "alice to be registered");
        silo.Registrations.Clear();
        silo.Epoch = 2;
        silo.HostedShards = [new HostedShard(ShardMap.ShardOf("alice"), 2)];
        await Wait.Until(() => Registered(silo, "alice", "user.alice.#"), "alice to be registered with the new owner");
        Assert.Equal(PushReply.Accepted, await silo.PushAsync(await silo.RegisteredAsync("alice"), Message("of the old owner"), draft => draft.ShardEpoch = 1));
        await PushAsync(silo, "alice", "of the new owner");
        Assert.Equal("of the new owner", (await client.FrameAsync("MESSAGE")).Body);
    }

    [Fact]
    public async Task Registration_OverALinkThatWasLostBeforeItWasAnswered_IsMadeAgain()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort);
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        var newest = silo.LinkOfRegistrations;
        silo.LinkOfRegistrations = () => silo.Link.Number - 1;
        await client.SendAsync("SUBSCRIBE\nid:1\ndestination:/exchange/notifications/user.alice.#\nreceipt:r\n\n\0");
        await Wait.Until(() => silo.Registrations.Count >= 2, "alice to be registered again");
        silo.LinkOfRegistrations = newest;

        await client.FrameAsync("RECEIPT");

        await PushAsync(silo, "alice", "x");
        Assert.Equal("x", (await client.FrameAsync("MESSAGE")).Body);
    }

    [Fact]
    public async Task Sessions_OfALostSilo_AreRegisteredAgainInBatches()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort, settings: [("Links__RegisterBatch", "100")]);
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        for (var i = 0; i < 250; i++)
            await client.SubscribeAsync("/exchange/notifications/user.alice.#", id: $"{i}");
        silo.Registrations.Clear();
        silo.ForgetsLinks = true;
        await Wait.Until(() => silo.OpenedLinks >= 2, "another link");
        silo.ForgetsLinks = false;
        await Wait.Until(
            () => silo.Registrations.SelectMany(request => request.Subscriptions).Select(subscription => subscription.Id).Distinct().Count() == 250,
            () => $"250 subscriptions to be registered again; there are {silo.Registrations.Sum(request => request.Subscriptions.Length)}"
        );
        Assert.All(silo.Registrations, request => Assert.InRange(request.Subscriptions.Length, 1, 100));
    }

    private static bool Registered(ScriptedSilo silo, string user, string pattern) =>
        silo.Registrations.Any(request => request.Subscriptions.Any(subscription => subscription.User == user && subscription.Pattern == pattern));

    private static Notification Message(string body, string key = "user.alice") => Messages.Notification(key, body);

    private static async Task AcceptedAsync(Func<Task<PushReply>> push) => Assert.Equal(PushReply.Accepted, await push());

    /// <summary>As a silo does: what is pushed over a link that the edge has given up meanwhile goes over the next.</summary>
    private static Task PushAsync(ScriptedSilo silo, string user, string body) =>
        Wait.Until(async () => await silo.PushAsync(await silo.RegisteredAsync(user), Message(body)) == PushReply.Accepted, $"the edge to take '{body}'");
}
