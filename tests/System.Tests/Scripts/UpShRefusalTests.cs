using System.Net;
using System.Net.Sockets;
using NotifyOrleans.Testing;

namespace NotifyOrleans.System.Tests.Scripts;

/// <summary>What <c>scripts/up.sh</c> and its neighbours refuse, before anything is started.</summary>
public sealed class UpShRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Up_PortsInUse_NamesThemAll()
    {
        using var edge = Listen();
        using var silo = Listen();
        var (edgePort, siloPort) = (PortOf(edge), PortOf(silo));
        var run = await RunAsync(
            "up.sh",
            new()
            {
                ["EDGE_PORT"] = edgePort,
                ["SILO_PORT"] = siloPort,
                ["AMQP_PORT"] = $"{FreePort.Next()}",
            }
        );
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains($"port {edgePort} (edge-1) is in use", run.Errors);
        Assert.Contains($"port {siloPort} (silo-1) is in use", run.Errors);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder.File("data"), "run"), "*.pid"));
    }

    [Theory]
    [InlineData("SILOS", "0", "SILOS must be a number from 1 to 99")]
    [InlineData("EDGES", "none", "EDGES must be a number")]
    [InlineData("EDGE_PORT", "70000", "EDGE_PORT must be a port")]
    [InlineData("RABBITMQ_URL", "localhost", "RABBITMQ_URL must look like")]
    [InlineData("DATA_DIR", "/tmp/a folder", "DATA_DIR must not contain blanks")]
    public async Task Up_WrongSetting_SaysWhichAndWhy(string name, string value, string message)
    {
        var run = await RunAsync("up.sh", new() { [name] = value });
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Errors);
    }

    [Theory]
    [InlineData("Outbox__Path")]
    [InlineData("Cluster__GatewayPort")]
    public async Task Up_SettingThatEachNodeIsGiven_SaysThatItIsNotUsed(string name)
    {
        var run = await RunAsync("up.sh", new() { [name] = "30000", ["RABBITMQ_URL"] = "localhost" });
        Assert.Contains($"{name} is not used", run.Errors);
    }

    [Fact]
    public async Task NodeAndToken_NothingStarted_SayWhatToDo()
    {
        var node = await RunAsync("node.sh", [], "silo", "1");
        Assert.Equal((1, ""), (node.ExitCode, node.Output));
        Assert.Contains("nothing is running", node.Errors);
        var token = await RunAsync("token.sh", [], "alice");
        Assert.Equal((1, ""), (token.ExitCode, token.Output));
        Assert.Contains("run scripts/up.sh first", token.Errors);
    }

    private Task<ScriptRun> RunAsync(string script, Dictionary<string, string?> environment, params string[] arguments)
    {
        environment.TryAdd("DATA_DIR", _folder.File("data"));
        return ScriptRun.RunAsync(Repository.PathOf("scripts", script), arguments, environment);
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static string PortOf(Socket socket) => $"{((IPEndPoint)socket.LocalEndPoint!).Port}";
}
