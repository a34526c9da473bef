using System.Diagnostics;
using System.Text.Json;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.System.Tests;

/// <summary>Clients from npm, as they are: several sessions of one user at once.</summary>
public sealed class ClientTests(RunningSystem system) : IClassFixture<RunningSystem>, IAsyncLifetime
{
    private static readonly string Folder = Repository.PathOf("tests", "System.Tests", "Clients");

    private readonly TemporaryFolder _folder = new();

    public async Task InitializeAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules")))
            return;
        using var install = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"]) { WorkingDirectory = Folder })!;
        await install.WaitForExitAsync();
        Assert.True(install.ExitCode == 0, "npm could not install the clients");
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task WebstompAndStompjs_SessionsOfOneUser_EachGetsEveryMessage()
    {
        const int Count = 20;
        await using var webstomp = Start("webstomp", "alice", Count);
        await using var stompjs = Start("stompjs", "alice", Count);
        await webstomp.WaitForOutputAsync("subscribed");
        await stompjs.WaitForOutputAsync("subscribed");
        await using var publisher = await Publisher.ConnectAsync(system.Broker.Uri);
        for (var number = 0; number < Count; number++)
            await publisher.PublishAsync("user.alice.news", $"{number} ünï", messageId: $"m{number}", headers: new Dictionary<string, object?> { ["color"] = "blue:green" });

        foreach (var client in new[] { webstomp, stompjs })
        {
            await Wait.Until(() => client.HasExited, () => $"{client.Name} to have {Count} messages: {client.Output}");
            Assert.True(client.ExitCode == 0, client.Output);
            var messages = client.Output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement).ToList();
            Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number} ünï"), messages.Select(message => message.GetProperty("body").GetString()));
            var headers = messages[0].GetProperty("headers");
            Assert.Equal("/exchange/notifications/user.alice.news", headers.GetProperty("destination").GetString());
            Assert.Equal("m0", headers.GetProperty("amqp-message-id").GetString());
            Assert.Equal("false", headers.GetProperty("redelivered").GetString());
        }
    }

    private NodeProcess Start(string client, string user, int count) => NodeProcess.Start(
        client,
        ["node", Path.Combine(Folder, "session.mjs"), client, system.StompAddress.ToString(), user, $"/exchange/notifications/user.{user}.#", $"{count}"],
        new Dictionary<string, string?> { ["TOKEN"] = system.Tokens.For(user) },
        _folder.File($"{client}.log"));
}
