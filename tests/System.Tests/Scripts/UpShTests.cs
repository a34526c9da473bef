using System.Net;
using System.Net.Sockets;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Scripts;

/// <summary><c>scripts/up.sh</c> and <c>scripts/node.sh</c>, as a person or another tool uses them.</summary>
[Collection(StartedByScriptsCollection.Name)]
public sealed class UpShTests(StartedByScripts system)
{
    [Fact]
    public void Up_Ready_HasPrintedTheProcessesThemselves()
    {
        Assert.Equal(["edge", "silo", "broker"], system.Processes.Select(process => process.Kind).Distinct());
        Assert.Equal(["dotnet", "beam.smp"], system.Processes.Select(process => process.ReadProgram()).Distinct());
        Assert.All(system.Processes, process => Assert.Equal("127.0.0.1", process.Address.Host));
        Assert.Equal(("/ws", "/%2f", "guest:guest"), (system.Edge.AbsolutePath, system.Broker.AbsolutePath, system.Broker.UserInfo));
    }

    [Fact]
    public void Up_Ready_ItsProcessesHoldNoneOfItsFiles()
    {
        var locked = Path.Combine(system.DataFolder, "run", "lock");
        Assert.All(system.Processes, process => Assert.DoesNotContain(locked, OpenFiles(process.Pid)));
    }

    [Fact]
    public async Task Up_Ready_ListensOnLoopbackOnly()
    {
        var pids = system.RunningProcesses();
        var sockets = await ScriptRun.RunAsync("bash", ["-c", "cat /proc/net/tcp /proc/net/tcp6"], new Dictionary<string, string?>());
        var own = pids.SelectMany(OpenFiles)
            .Select(Path.GetFileName)
            .Where(name => name!.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(name => name![8..^1])
            .ToHashSet();
        // sl local_address rem_address st ... inode; state 0A listens.
        var outside = sockets
            .Output.Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == "0A" && own.Contains(fields[9]))
            .Select(fields => fields[1])
            .Where(address =>
                !address.StartsWith("0100007F:", StringComparison.Ordinal) && !address.StartsWith("00000000000000000000000001000000:", StringComparison.Ordinal)
            );
        Assert.Empty(outside);
    }

    [Fact]
    public async Task Silo_AskedFromAnotherLoopbackAddress_Answers()
    {
        using var handler = new SocketsHttpHandler { ConnectCallback = ConnectFromAsync };
        using var http = new HttpClient(handler);
        var token = await system.TokenAsync("alice");
        using var body = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "alice", ["password"] = token });
        using var answer = await http.PostAsync(new Uri(system.Silo, "auth/user"), body);
        Assert.Equal("allow", await answer.Content.ReadAsStringAsync());

        static async ValueTask<Stream> ConnectFromAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse("127.9.8.7"), 0));
            await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
    }

    [Fact]
    public async Task Message_Published_ReachesItsUser()
    {
        // A new one each time: a session that just breaks off leaves its last message unproved, and so to be repeated.
        var user = $"user-{Guid.NewGuid():N}";
        await using var session = await StompClient.ConnectAsync(system.Edge, user, await system.TokenAsync(user));
        await session.SubscribeAsync($"/exchange/notifications/user.{user}.#");
        await system.PublishAsync($"user.{user}.print.done", "in tray 2");
        var message = Assert.Single(await session.MessagesAsync(1));
        Assert.Equal("in tray 2", StompClient.Text(message));
    }

    [Theory]
    [InlineData("silo", "1")]
    [InlineData("edge", "1")]
    [InlineData("broker")]
    public async Task Node_KilledOne_StaysDownUntilItIsStartedAgain(params string[] node)
    {
        var before = system.Processes.First(process => process.Kind == node[0]);
        await ScriptRun.RunAsync("kill", ["-9", $"{before.Pid}"], new Dictionary<string, string?>());
        // up.sh says so once it has noticed, and does no more.
        await Wait.Until(
            () =>
                system.Output.Contains(
                    $"{string.Join('-', node)} has ended; scripts/node.sh {string.Join(' ', node)} starts it again",
                    StringComparison.Ordinal
                ),
            () => $"up.sh to say that {node[0]} has ended: {system.Output}"
        );
        // Its sockets are closed when its last thread has ended, which is later than it counts as dead.
        await Wait.Until(async () => !before.IsRunning() && !await ListensAsync(before.Address), $"{node[0]} to listen no more");

        var again = Assert.Single(PrintedProcess.ParseAll(await system.RunAsync("node.sh", node)));
        system.Replace(before, again);
        Assert.Equal((before.Kind, before.Address), (again.Kind, again.Address));
        Assert.NotEqual(before.Pid, again.Pid);
        Assert.True(again.IsRunning());
        await Message_Published_ReachesItsUser();
    }

    [Fact]
    public async Task Node_RunningOne_IsLeftAloneAndPrinted()
    {
        var edge = system.Processes.First(process => process.Kind == "edge");
        Assert.Equal([edge], PrintedProcess.ParseAll(await system.RunAsync("node.sh", "edge", "1")));
    }

    [Fact]
    public async Task Up_StoppedAndStartedAgain_EndsEverythingAndKeepsTheData()
    {
        await system.PublishAsync("user.dora", "while you were away");

        var took = await system.StopAsync();

        Assert.True(took < TimeSpan.FromSeconds(30), $"it took {took.TotalSeconds:0.0} s to end everything");
        await system.AllEndedAsync();
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(system.DataFolder, "run"), "*.pid"));

        await system.StartAsync(edges: 2);
        var edges = system.Processes.Where(process => process.Kind == "edge").ToList();
        Assert.Equal(2, edges.Select(edge => edge.Address).Distinct().Count());
        await using var dora = await StompClient.ConnectAsync(edges[1].Address, "dora", await system.TokenAsync("dora"));
        await dora.SubscribeAsync("/exchange/notifications/user.dora.#");
        Assert.Equal("while you were away", StompClient.Text(Assert.Single(await dora.MessagesAsync(1))));
    }

    /// <summary>What a process holds open; what it closes meanwhile is left out.</summary>
    private static List<string> OpenFiles(int pid)
    {
        List<string> open = [];
        foreach (var file in Directory.Exists($"/proc/{pid}/fd") ? Directory.GetFiles($"/proc/{pid}/fd") : [])
        {
            try
            {
                if (File.ResolveLinkTarget(file, returnFinalTarget: false) is { } target)
                    open.Add(target.FullName);
            }
            catch (FileNotFoundException) { }
        }
        return open;
    }

    private static async Task<bool> ListensAsync(Uri address)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address.Host, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
