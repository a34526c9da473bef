using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.System.Tests.Scripts;

/// <summary><c>scripts/up.sh</c> with several silos and edges, and the PostgreSQL that it brings for them.</summary>
[Collection(StartedByScriptsCollection.Name)]
public sealed class UpShSeveralNodesTests(StartedByScripts built) : IAsyncLifetime
{
    private StartedByScripts _system = null!;

    public async Task InitializeAsync()
    {
        _system = await built.BesideAsync();
        await _system.StartAsync(edges: 2, silos: 2);
    }

    public Task DisposeAsync() => _system.DisposeAsync();

    [Fact]
    public async Task Up_TwoSilosAndTwoEdges_WhateverIsKilledComesBack_AndTheDataStays()
    {
        Assert.Equal(["edge", "edge", "silo", "silo", "broker", "postgres", "authority"], _system.Processes.Select(process => process.Kind));
        Assert.Equal(["dotnet", "dotnet", "dotnet", "dotnet", "beam.smp", "postgres", "nginx"], _system.Processes.Select(process => process.ReadProgram()));

        await KillAsync(_system.Processes.First(process => process.Kind == "silo"));
        // The broker's question goes to the other one.
        await PublishAsServiceAsync("user.bob", "with silo 1 away");
        await StartAgainAsync("silo", "1");
        foreach (
            var node in (string[][])
                [
                    ["edge", "2"],
                    ["authority"],
                    ["postgres"],
                ]
        )
        {
            await KillAsync(Find(node));
            await StartAgainAsync(node);
        }
        await PublishAsServiceAsync("user.bob", "with all back");
        await using (var bob = await StompClient.ConnectAsync(Find("edge", "2").Address, "bob", await _system.TokenAsync("bob")))
        {
            await bob.SubscribeAsync("/exchange/notifications/user.bob.#");
            Assert.Equal(["with silo 1 away", "with all back"], await DistinctAsync(bob, 2));
        }
        await _system.PublishAsync("user.dora", "while you were away");

        var took = await _system.StopAsync();

        Assert.True(took < TimeSpan.FromSeconds(30), $"it took {took.TotalSeconds:0.0} s to end everything");
        await _system.AllEndedAsync();
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_system.DataFolder, "run"), "*.pid"));

        await _system.StartAsync(edges: 2, silos: 2);
        await using var dora = await StompClient.ConnectAsync(Find("edge", "2").Address, "dora", await _system.TokenAsync("dora"));
        await dora.SubscribeAsync("/exchange/notifications/user.dora.#");
        Assert.Equal("while you were away", StompClient.Text((await dora.MessagesAsync(1))[0]));
    }

    /// <summary>
    /// The bodies that come, without repeats. What was stored under an owner that has gone since is flagged too, whether it was offered before or not.
    /// </summary>
    private static async Task<List<string>> DistinctAsync(StompClient client, int count)
    {
        List<string> received = [];
        List<string> all = [];
        while (received.Count < count)
        {
            var message = (await client.MessagesAsync(all.Count + 1))[all.Count];
            var text = StompClient.Text(message);
            all.Add($"{message["x-offset"]} '{text}' redelivered:{message["redelivered"]}");
            if (!received.Contains(text))
                received.Add(text);
            else
                Assert.True(message["redelivered"] == "true", $"A repeat is not marked: {string.Join(", ", all)}");
        }
        return received;
    }

    private PrintedProcess Find(params string[] node) =>
        _system.Processes.Where(process => process.Kind == node[0]).ElementAt(node.Length > 1 ? int.Parse(node[1]) - 1 : 0);

    private static async Task KillAsync(PrintedProcess process)
    {
        await ScriptRun.RunAsync("kill", ["-9", $"{process.Pid}"], new Dictionary<string, string?>());
        await Wait.Until(() => !process.IsRunning(), $"{process.Kind} to end");
    }

    private async Task StartAgainAsync(params string[] node)
    {
        var before = Find(node);
        var again = Assert.Single(PrintedProcess.ParseAll(await _system.RunAsync("node.sh", node)));
        _system.Replace(before, again);
        Assert.Equal((before.Kind, before.Address), (again.Kind, again.Address));
        Assert.NotEqual(before.Pid, again.Pid);
        Assert.True(again.IsRunning());
    }

    /// <summary>
    /// By a token, for which the broker has to ask. Until a silo is declared dead, the questions about users whose tokens it had looked after are refused: like
    /// any service, this one connects again.
    /// </summary>
    private async Task PublishAsServiceAsync(string key, string body)
    {
        var address = new UriBuilder(_system.Broker) { UserName = "printer", Password = await _system.TokenAsync("printer", "service") }.Uri;
        Publisher? publisher = null;
        await Wait.Until(async () => (publisher = await TryConnectAsync(address)) is not null, "the broker to let the service in");
        await using (publisher)
            await publisher!.PublishAsync(key, body);
    }

    private static async Task<Publisher?> TryConnectAsync(Uri address)
    {
        try
        {
            return await Publisher.ConnectAsync(address);
        }
        catch (BrokerUnreachableException)
        {
            return null;
        }
    }
}
