using System.Diagnostics;
using NotifyOrleans.Testing.Processes;
using Xunit;

namespace NotifyOrleans.Testing.RabbitMq;

/// <summary>
/// A RabbitMQ broker of the test's own, on the configuration under <c>docker/rabbitmq</c>, on free ports and with its data in a temporary folder.
/// A class or collection fixture; <see cref="StartNewAsync"/> makes one with other options.
/// </summary>
public sealed class RabbitMqBroker : IAsyncLifetime, IAsyncDisposable
{
    // What stands under /usr/sbin in Debian changes to the user rabbitmq and its folders first.
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private const string Control = "/usr/lib/rabbitmq/bin/rabbitmqctl";
    private const string Host = "127.0.0.1";

    // About 10 s on an idle machine.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();
    private readonly RabbitMqBrokerOptions _options = new();
    private readonly string _node = $"notify-{Guid.NewGuid():n}@localhost";
    private readonly int _distributionPort = FreePort.Next();
    private readonly int _epmdPort = FreePort.Next();
    private NodeProcess? _epmd;
    private NodeProcess? _process;

    public RabbitMqBroker() => Management = new RabbitMqManagement(new Uri($"http://{Host}:{ManagementPort}/"));

    public int AmqpPort { get; } = FreePort.Next();

    public int ManagementPort { get; } = FreePort.Next();

    public int WebStompPort { get; } = FreePort.Next();

    public int WebMqttPort { get; } = FreePort.Next();

    public int StompPort { get; } = FreePort.Next();

    /// <summary>AMQP address of the default vhost.</summary>
    public Uri Uri => UriOf("/");

    public RabbitMqManagement Management { get; }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Its process; 0 before its first start.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>The broker's log.</summary>
    public string LogFile => _folder.File("broker.log");

    /// <summary>A running broker that differs from the shipped one.</summary>
    public static async Task<RabbitMqBroker> StartNewAsync(Action<RabbitMqBrokerOptions>? configure = null)
    {
        var broker = new RabbitMqBroker();
        configure?.Invoke(broker._options);
        try
        {
            await broker.StartAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>A broker that is not started yet, for tests that begin without one.</summary>
    public static RabbitMqBroker NotStarted(Action<RabbitMqBrokerOptions>? configure = null)
    {
        var broker = new RabbitMqBroker();
        configure?.Invoke(broker._options);
        return broker;
    }

    public Uri UriOf(string vhost, string user = "guest", string password = "guest") =>
        new($"amqp://{user}:{Uri.EscapeDataString(password)}@{Host}:{AmqpPort}/{Uri.EscapeDataString(vhost)}");

    /// <summary>A vhost of a test's own on a shared broker; returns its address.</summary>
    public async Task<Uri> CreateVhostAsync()
    {
        var name = $"test-{Guid.NewGuid():n}";
        await Management.CreateVhostAsync(name);
        return UriOf(name);
    }

    /// <summary>A user for silos and edges with the rights that <c>docs/operations.md</c> asks for, and no more; returns its address.</summary>
    public async Task<Uri> CreateDocumentedUserAsync(string vhost, string source)
    {
        var name = $"user-of-{vhost}";
        var sources = $@"^(notifyorleans\..*|{source})$";
        await Management.PutAsync($"api/users/{Uri.EscapeDataString(name)}", new { password = "secret", tags = "" });
        await Management.PutAsync(
            $"api/permissions/{Uri.EscapeDataString(vhost)}/{Uri.EscapeDataString(name)}",
            new
            {
                configure = @"^notifyorleans\..*",
                write = sources,
                read = sources,
            }
        );
        return UriOf(vhost, name, "secret");
    }

    /// <summary>Starts it, or starts it again with its data; returns when it takes connections.</summary>
    public async Task StartAsync()
    {
        if (IsRunning)
            throw new InvalidOperationException("The broker runs already");
        if (!File.Exists(Server))
            throw new InvalidOperationException($"The tests need a RabbitMQ server: {Server} is missing (Debian: apt-get install rabbitmq-server)");
        WriteConfiguration();
        // Started here and not by the broker, so that it has a known process id and does not outlive the test.
        _epmd ??= NodeProcess.Start("epmd", ["epmd", "-address", Host, "-port", $"{_epmdPort}"], new Dictionary<string, string?>(), _folder.File("epmd.log"));
        File.Delete(LogFile);
        _process = NodeProcess.Start("rabbitmq-server", [Server], Environment(), LogFile, _folder.Path);
        await _process.WaitForOutputAsync("Server startup complete", StartTimeout);
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
            await _process.TerminateAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>
    /// Has it write down what was declared: else it does so within two seconds, and a SIGKILL before that takes durable queues with it, and the messages in
    /// them.
    /// </summary>
    public Task SyncDeclarationsAsync() => ControlAsync("eval", "mnesia:sync_log().");

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.KillAsync();
    }

    /// <summary>SIGSTOP: it stands still, and its sockets stay open.</summary>
    public void Pause() => _process?.Pause();

    /// <summary>SIGCONT: it goes on after <see cref="Pause"/>.</summary>
    public void Resume() => _process?.Resume();

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Runs <c>rabbitmqctl</c> against it (takes 1-2 s) and returns its output.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Control) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in Environment())
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"rabbitmqctl {arguments[0]}: {output}{await errors}");
    }

    public Task InitializeAsync() => StartAsync();

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Management.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        if (_epmd is not null)
            await _epmd.DisposeAsync();
        _folder.Dispose();
    }

    private void WriteConfiguration()
    {
        var shipped = File.ReadAllText(Repository.PathOf("docker", "rabbitmq", "enabled_plugins")).Trim().TrimStart('[').TrimEnd('.', ']');
        var plugins = shipped
            .Split(',', StringSplitOptions.TrimEntries)
            .Except(_options.WithoutPlugins)
            .Except(_options.HasMqtt ? [] : ["rabbitmq_web_mqtt"])
            .Union(_options.ExtraPlugins);
        File.WriteAllText(_folder.File("enabled_plugins"), $"[{string.Join(',', plugins)}].\n");
        // Later settings hold, so that those of plugins that are left out do no harm either.
        var config = new List<string>
        {
            $"listeners.tcp.default = {AmqpPort}",
            $"management.tcp.ip = {Host}",
            $"management.tcp.port = {ManagementPort}",
            $"prometheus.tcp.port = {FreePort.Next()}",
            $"stomp.listeners.tcp.default = {StompPort}",
            $"web_stomp.tcp.port = {WebStompPort}",
            $"mqtt.listeners.tcp.default = {FreePort.Next()}",
            $"web_mqtt.tcp.port = {WebMqttPort}",
            // Counts of the management API are at most this old, in milliseconds.
            "collect_statistics_interval = 1000",
        };
        if (_options.Authority is { } authority)
        {
            foreach (var question in (string[])["user", "vhost", "resource", "topic"])
                config.Add($"auth_http.{question}_path = {new Uri(authority, $"auth/{question}")}");
        }
        config.AddRange(_options.ExtraConfig);
        var advanced = File.ReadAllText(Repository.PathOf("docker", "rabbitmq", "advanced.config")).TrimEnd();
        File.WriteAllText(
            _folder.File("advanced.config"),
            $"{advanced[..^"].".Length]}{string.Concat(_options.ExtraAdvancedConfig.Select(term => $", {term}"))}].\n"
        );
        File.WriteAllLines(Path.Combine(_folder.Folder("conf.d"), "90-test.conf"), config);
    }

    private Dictionary<string, string?> Environment() =>
        new()
        {
            ["HOME"] = _folder.Folder("home"),
            ["RABBITMQ_NODENAME"] = _node,
            ["RABBITMQ_MNESIA_BASE"] = _folder.Folder("data"),
            ["RABBITMQ_LOG_BASE"] = _folder.Folder("log"),
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_CONFIG_FILE"] = Repository.PathOf("docker", "rabbitmq", "rabbitmq.conf"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = _folder.File("advanced.config"),
            ["RABBITMQ_CONFIG_FILES"] = Path.Combine(_folder.Path, "conf.d"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.File("enabled_plugins"),
            ["RABBITMQ_PID_FILE"] = _folder.File("broker.pid"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
            ["ERL_EPMD_ADDRESS"] = Host,
            ["ERL_EPMD_PORT"] = $"{_epmdPort}",
            // Makes the start script become the broker, in place of waiting for it: the process id is the broker's, and signals reach it.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
        };
}
