using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit.Abstractions;

namespace NotifyOrleans.System.Tests.Faults;

/// <summary>Two silos and two edges are one system, whichever of its parts is killed. Each test leaves everything running.</summary>
public sealed class SeveralSilosTests(SeveralSilosTests.Two two, ITestOutputHelper output) : IClassFixture<SeveralSilosTests.Two>
{
    private readonly RunningSystem _system = two.System;

    [Fact]
    public async Task Messages_ToUsersOfBothEdges_Arrive_ThroughBothSilos()
    {
        await using var crowd = new Crowd(_system, "spread", 100);
        var online = crowd.Users.Where((_, index) => index % 3 != 0).ToList();
        await crowd.SubscribeAsync(online);

        await crowd.PublishAsync(10);
        await crowd.CompleteAsync(online, "the users who were online");
        await crowd.SubscribeAsync(crowd.Users.Except(online));
        await crowd.CompleteAsync(crowd.Users, "all users");

        crowd.AssertSound();
        await SharedAsync();
    }

    [Fact]
    public async Task Silo_KilledAndStartedAgain_SessionsStay_AndEverythingArrivesInOrder()
    {
        await using var crowd = new Crowd(_system, "killed", 264);
        var online = crowd.Users.Where((_, index) => index % 4 != 0).ToList();
        await crowd.SubscribeAsync(online);
        foreach (var victim in _system.Silos)
        {
            var (before, publishing) = (crowd.Published, crowd.PublishAsync(20));
            await crowd.PublishedAsync(before + 1000, publishing);
            var (killed, round) = (Stopwatch.GetTimestamp(), crowd.Rounds);
            await victim.KillAsync();
            await publishing;
            await crowd.CompleteAsync(online, $"the users who were online, with {victim.Name} killed");
            var first = crowd.FirstAfter(killed, round, online);
            output.WriteLine(
                $"{victim.Name} killed; {first.Count} users got the next message after {first[first.Count / 2].TotalSeconds:0.00} s (p50), {first[first.Count * 99 / 100].TotalSeconds:0.00} s (p99), {first[^1].TotalSeconds:0.00} s (all)"
            );

            victim.Start();
            await victim.ReadyAsync();
            await crowd.PublishAsync(5);
            await crowd.CompleteAsync(online, $"the users who were online, with {victim.Name} started again");
            await SharedAsync();
        }

        await crowd.SubscribeAsync(crowd.Users.Except(online));
        await crowd.CompleteAsync(crowd.Users, "all users");
        crowd.AssertSound();
        output.WriteLine($"{crowd.Published} messages, {crowd.Repeats} repeats");
    }

    [Fact]
    public async Task Database_KilledAndStartedAgain_ASiloEndsMeanwhile_BrokerKeepsWhatCannotBeStored_AndEverythingResumes()
    {
        await using var crowd = new Crowd(_system, "stored", 50);
        var online = crowd.Users.Take(25).ToList();
        await crowd.SubscribeAsync(online);
        await crowd.PublishAsync(2);
        await crowd.CompleteAsync(online, "the users who were online");

        await _system.Database!.KillAsync();
        await crowd.PublishAsync(10);
        foreach (var silo in _system.Silos)
        {
            await silo.NotReadyAsync("outbox");
            await silo.NotReadyAsync("cluster", "membership table");
        }

        // It cannot hand over what it has, and ends nevertheless.
        await _system.Silos[1].TerminateAsync();

        _system.Silos[1].Start();
        await _system.Database.StartAsync();
        await _system.ReadyAsync();
        await crowd.CompleteAsync(online, "the users who were online");
        await crowd.SubscribeAsync(crowd.Users.Except(online));
        await crowd.CompleteAsync(crowd.Users, "all users");
        crowd.AssertSound();
        // What calls failed with could be written by the one and read by the other.
        foreach (var output in _system.Silos.Concat(_system.Edges).Select(node => node.Output))
        {
            Assert.DoesNotContain("CodecNotFoundException", output, StringComparison.Ordinal);
            Assert.DoesNotContain("UnsupportedWireTypeException", output, StringComparison.Ordinal);
            Assert.DoesNotContain("TypeLoadException", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Silo_StartedWithoutTheDatabase_WaitsForIt_WhileTheOthersGoOn()
    {
        await using var session = await _system.ConnectAsync(_system.Edges[1], "patient");
        await session.SubscribeAsync("/exchange/notifications/user.patient.#");
        await _system.Silos[1].TerminateAsync();
        await _system.Database!.StopAsync();

        _system.Silos[1].Start();
        await _system.Silos[1].NotReadyAsync("cluster", "waits for the membership table");
        Assert.False(session.IsEnded);

        await _system.Database.StartAsync();
        await _system.ReadyAsync();
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        await publisher.PublishAsync("user.patient", "hello");
        await session.WaitForAsync(frame => StompClient.Text(frame) == "hello", "the message after the database's return");
    }

    [Fact]
    public async Task DurableTopic_SiloKilledUnderLoad_ThoseWhoAreThereAndThoseWhoComeBackMissNothing()
    {
        const int Keys = 20;
        (string, string)[] durable = [("durable", "true"), ("auto-delete", "false")];
        const string Topic = "/exchange/notifications/topic.several.#";
        await using (var away = await _system.ConnectAsync(_system.Edges[0], "away"))
        {
            await away.SubscribeAsync(Topic, more: durable);
            await away.DisconnectAsync();
        }
        await using var there = await _system.ConnectAsync(_system.Edges[1], "there");
        await there.SubscribeAsync(Topic, more: durable);
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);

        await PublishAsync(1, 300);
        var publishing = PublishAsync(301, 600);
        await _system.Silos[0].KillAsync();
        await publishing;
        await CompleteAsync(there);
        _system.Silos[0].Start();
        await _system.ReadyAsync();
        await using var back = await _system.ConnectAsync(_system.Edges[0], "away");
        await back.SubscribeAsync(Topic, more: durable);
        await CompleteAsync(back);

        async Task PublishAsync(int from, int to)
        {
            for (var number = from; number <= to; number++)
                await publisher.PublishAsync($"topic.several.{number % Keys}", $"{number}");
        }

        async Task CompleteAsync(StompClient client)
        {
            await Wait.Until(() => FirstsOf(client).Count == 600, () => $"600 messages; there are {FirstsOf(client).Count}", TimeSpan.FromSeconds(60));
            Assert.Equal(Enumerable.Range(1, 600), FirstsOf(client).Order());
            foreach (var key in client.Messages.Where(message => message["redelivered"] == "false").Select(NumberOf).GroupBy(number => number % Keys))
                Assert.Equal(key.Order().Distinct(), key);
        }

        static int NumberOf(StompFrame message) => int.Parse(StompClient.Text(message), CultureInfo.InvariantCulture);

        static HashSet<int> FirstsOf(StompClient client) => [.. client.Messages.Select(NumberOf)];
    }

    [Fact]
    public async Task User_Revoked_SessionsOfAllEdges_AndTheBrokersConnections_End_AlsoAfterASilosRestart()
    {
        var token = _system.Tokens.For("rogue", "service");
        await using var first = await StompClient.ConnectAsync(_system.Edges[0].StompAddress, "rogue", token);
        await using var second = await StompClient.ConnectAsync(_system.Edges[1].StompAddress, "rogue", token);
        await using var other = await _system.ConnectAsync("honest");
        await using var connection = await ConnectToBrokerAsync("rogue", token);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };

        var started = Stopwatch.GetTimestamp();
        using (var http = new HttpClient { BaseAddress = _system.Silos[1].Address })
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _system.Tokens.For("operator", "admin"));
            // The token may be of this very second.
            using var reply = await http.PostAsJsonAsync("admin/revocations", new { user = "rogue", issuedBefore = DateTimeOffset.UtcNow.AddSeconds(1) });
            output.WriteLine($"The request was answered after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms");
            Assert.Contains("\"closed\"", await reply.EnsureSuccessStatusCode().Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        await Task.WhenAll(first.Ended, second.Ended, closed.Task).WaitAsync(TimeSpan.FromSeconds(30));
        output.WriteLine($"All of it was gone after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms");

        Assert.All([first, second], session => Assert.Equal((WebSocketCloseStatus)4401, session.CloseStatus));
        Assert.False(other.IsEnded);
        await RefusedAsync(token);
        await _system.Silos[0].KillAsync();
        _system.Silos[0].Start();
        await _system.Silos[0].ReadyAsync();
        await RefusedAsync(token);
    }

    [Fact]
    public async Task Queue_ItsSiloIsKilled_SessionsOfBothEdgesStay_AndGetEverything()
    {
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        var sessions = new List<StompClient>();
        foreach (var edge in _system.Edges.Concat(_system.Edges))
        {
            var session = await _system.ConnectAsync(edge, $"worker{sessions.Count}", "service");
            session.OnFrame = (client, frame) => frame.Command == StompCommands.Message ? client.AckAsync(frame) : Task.CompletedTask;
            await session.SubscribeAsync("/queue/shared", ack: "client-individual");
            sessions.Add(session);
        }

        for (var number = 0; number < 200; number++)
            await publisher.PublishAsync("shared", $"{number}", exchange: "");
        await CompleteAsync(200);
        Assert.All(sessions, session => Assert.NotEmpty(session.Messages));

        var victim = await _system.Silos[0].MetricAsync("notifyorleans_queues_consumers") > 0 ? _system.Silos[0] : _system.Silos[1];
        var publishing = PublishAsync();
        await victim.KillAsync();
        await publishing;
        await CompleteAsync(400);
        Assert.All(sessions, session => Assert.False(session.IsEnded));
        foreach (var body in sessions.SelectMany(session => session.Messages).GroupBy(StompClient.Text))
            Assert.True(body.Count(message => message["redelivered"] == "false") <= 1, $"message {body.Key} was repeated and not flagged");

        foreach (var session in sessions)
            await session.DisposeAsync();
        victim.Start();
        await victim.ReadyAsync();

        Task CompleteAsync(int count) =>
            Wait.Until(
                () => sessions.SelectMany(session => session.Messages).Select(StompClient.Text).Distinct().Count() == count,
                () => $"all {count} messages; there are {sessions.Sum(session => session.Messages.Count)}"
            );

        async Task PublishAsync()
        {
            for (var number = 200; number < 400; number++)
                await publisher.PublishAsync("shared", $"{number}", exchange: "");
        }
    }

    /// <summary>Waits until both silos have shards and take messages from queues.</summary>
    private async Task SharedAsync()
    {
        await using var publisher = await Publisher.ConnectAsync(_system.Broker.Uri);
        foreach (var silo in _system.Silos)
        {
            await silo.WaitForAsync(async () => await silo.MetricAsync("notifyorleans_shards_hosted") > 0, "it to host shards");
            // From queues of its own. (A counter: it begins anew with the process.)
            await silo.WaitForAsync(
                async () =>
                {
                    await Task.WhenAll(
                        Enumerable.Range(0, 50).Select(number => publisher.PublishAsync($"user.nobody.{number}", "1", persistent: false).AsTask())
                    );
                    return await silo.MetricAsync("notifyorleans_streaming_deliveries_received_total") > 0;
                },
                "it to take messages from queues"
            );
        }
    }

    private async Task RefusedAsync(string token)
    {
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectToBrokerAsync("rogue", token));
        foreach (var edge in _system.Edges)
            await Assert.ThrowsAnyAsync<Exception>(() => StompClient.ConnectAsync(edge.StompAddress, "rogue", token));
    }

    private Task<IConnection> ConnectToBrokerAsync(string user, string token) =>
        new ConnectionFactory
        {
            Uri = _system.Broker.Uri,
            UserName = user,
            Password = token,
            AutomaticRecoveryEnabled = false,
        }.CreateConnectionAsync();

    /// <summary>The system that the tests share.</summary>
    public sealed class Two : IAsyncLifetime
    {
        public RunningSystem System { get; } = new() { SiloCount = 2, EdgeCount = 2 };

        public Task InitializeAsync() => System.InitializeAsync();

        public Task DisposeAsync() => System.DisposeAsync();
    }
}
