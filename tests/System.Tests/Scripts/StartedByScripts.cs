using System.Diagnostics;
using System.Text.RegularExpressions;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Processes;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.System.Tests.Scripts;

/// <summary>
/// The system as a person starts it: a fresh checkout, <c>scripts/up.sh</c> in it, addresses read from the lines that it prints. Built once for all tests that
/// share it.
/// </summary>
public sealed partial class StartedByScripts : IAsyncLifetime
{
    /// <summary>npm restores, both nodes are built, and a broker starts, on a machine that may be busy.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(8);

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string?> _environment;
    private NodeProcess? _up;
    private int _starts;

    public StartedByScripts()
    {
        Checkout = _folder.File("checkout");
        _environment = new()
        {
            ["DATA_DIR"] = DataFolder,
            ["EDGE_PORT"] = $"{FreePort.Next()}",
            ["SILO_PORT"] = $"{FreePort.Next()}",
            ["AMQP_PORT"] = $"{FreePort.Next()}",
            // All other tests run nodes that are compiled for the machine, and the code was analyzed when these were built; here it would be done once more, for
            // minutes.
            ["PublishReadyToRun"] = "false",
            ["RunAnalyzers"] = "false",
            ["Admin__Dashboard__Enabled"] = "true",
        };
    }

    public string DataFolder => _folder.File("data");

    public string Checkout { get; private init; }

    /// <summary>The printed lines of the processes, in their order.</summary>
    public IReadOnlyList<PrintedProcess> Processes { get; private set; } = [];

    public Uri Edge => AddressOf("edge");

    public Uri Silo => AddressOf("silo");

    public Uri Broker => AddressOf("broker");

    /// <summary>Where the broker is going to be, which <c>up.sh</c> tells at the end.</summary>
    public Uri BrokerToBe => new($"amqp://guest:guest@127.0.0.1:{_environment["AMQP_PORT"]}/%2f");

    public Uri DemoPage => new($"http://{Edge.Authority}/");

    /// <summary>What <c>up.sh</c> has written since it was started, to standard output and standard error.</summary>
    public string Output => _up?.Output ?? "";

    public async Task InitializeAsync()
    {
        await CheckOutAsync(Checkout);
        await StartAsync();
    }

    /// <summary>Another system, not started yet, with data of its own; from the same checkout, and with what has been built.</summary>
    public async Task<StartedByScripts> BesideAsync()
    {
        var other = new StartedByScripts { Checkout = Checkout };
        Directory.CreateDirectory(other.DataFolder);
        var copied = await ScriptRun.RunAsync("cp", ["-a", Path.Combine(DataFolder, "bin"), other.DataFolder], new Dictionary<string, string?>());
        Assert.True(copied.ExitCode == 0, copied.Errors);
        return other;
    }

    /// <summary>Runs <c>up.sh</c> until it says <c>ready</c>.</summary>
    public async Task StartAsync(int edges = 1, int silos = 1)
    {
        Begin(edges, silos);
        await ReadyAsync();
    }

    /// <summary>Runs <c>up.sh</c>, with settings beside its own.</summary>
    public void Begin(int edges = 1, int silos = 1, Dictionary<string, string?>? settings = null)
    {
        _environment["EDGES"] = $"{edges}";
        _environment["SILOS"] = $"{silos}";
        foreach (var (name, value) in settings ?? [])
            _environment[name] = value;
        _up = NodeProcess.Start("up.sh", [Path.Combine(Checkout, "scripts", "up.sh")], _environment, _folder.File($"up-{++_starts}.log"));
    }

    /// <summary>Waits until <c>up.sh</c> says <c>ready</c>.</summary>
    public async Task ReadyAsync()
    {
        await _up!.WaitForAsync(() => Task.FromResult(Ready().IsMatch(Output)), "the line 'ready'", StartTimeout);
        Processes = PrintedProcess.ParseAll(Output);
    }

    /// <summary>Waits until <c>up.sh</c> says something, to standard output or standard error.</summary>
    public Task SaysAsync(string text) => _up!.WaitForAsync(() => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), $"'{text}'", StartTimeout);

    /// <summary>SIGTERM to <c>up.sh</c>; returns how long it took to end.</summary>
    public async Task<TimeSpan> StopAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await _up!.TerminateAsync(TimeSpan.FromSeconds(60));
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Runs another script in the same environment; fails when it does. Returns what it printed.</summary>
    public async Task<string> RunAsync(string script, params string[] arguments)
    {
        var run = await ScriptRun.RunAsync(Path.Combine(Checkout, "scripts", script), arguments, _environment);
        Assert.True(run.ExitCode == 0, $"{script} {string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Output}{run.Errors}");
        return run.Output;
    }

    public async Task<string> TokenAsync(string user, params string[] roles) => (await RunAsync("token.sh", [user, .. roles])).TrimEnd('\n');

    public async Task PublishAsync(string key, string body)
    {
        await using var publisher = await Publisher.ConnectAsync(Broker);
        await publisher.PublishAsync(key, body);
    }

    /// <summary>A process that <c>node.sh</c> started in the place of another.</summary>
    public void Replace(PrintedProcess before, PrintedProcess after) => Processes = [.. Processes.Select(process => process == before ? after : process)];

    /// <summary>Waits until none runs any more: what one that was ended had started itself, as the broker its helpers, notices that a moment later.</summary>
    public Task AllEndedAsync() =>
        Wait.Until(
            () => RunningProcesses().Count == 0,
            () => $"all to end; there are {string.Join("; ", RunningProcesses().Select(pid => $"{pid} {ReadOf(pid, "cmdline").Replace('\0', ' ')}"))}",
            TimeSpan.FromSeconds(10)
        );

    /// <summary>All processes that run for this system, whoever started them: their environment has its data folder.</summary>
    public IReadOnlyList<int> RunningProcesses() =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0)
                .Where(pid => pid > 0 && $"\0{ReadOf(pid, "environ")}".Contains($"\0DATA_DIR={DataFolder}\0", StringComparison.Ordinal)),
        ];

    public async Task DisposeAsync()
    {
        if (_up is { HasExited: false })
            await StopAsync();
        _folder.Dispose();
    }

    /// <summary>What is in the repository, committed or not, and nothing that was built.</summary>
    private static async Task CheckOutAsync(string folder)
    {
        var listed = await ScriptRun.RunAsync(
            "git",
            ["-C", Repository.Root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            new Dictionary<string, string?>()
        );
        Assert.True(listed.ExitCode == 0, listed.Errors);
        foreach (var file in listed.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(Repository.PathOf(file))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.Copy(Repository.PathOf(file), Path.Combine(folder, file));
        }
    }

    private static string ReadOf(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is somebody else's.
            return "";
        }
    }

    private Uri AddressOf(string kind) => Processes.First(process => process.Kind == kind).Address;

    [GeneratedRegex("^ready$", RegexOptions.Multiline)]
    private static partial Regex Ready();
}
