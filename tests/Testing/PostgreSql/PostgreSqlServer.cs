using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Testing.Processes;
using Npgsql;
using Xunit;

namespace NotifyOrleans.Testing.PostgreSql;

/// <summary>
/// A PostgreSQL server of the test's own, on a free port of this machine, with data and sockets in a temporary folder and with the settings that PostgreSQL
/// ships (so every commit is synced). A class or collection fixture; <see cref="StartNewAsync"/> makes one with other settings.
/// </summary>
public sealed class PostgreSqlServer : IAsyncLifetime, IAsyncDisposable
{
    private const string Host = "127.0.0.1";
    private const string Programs = "/usr/lib/postgresql";
    private const string Owner = "notify";
    private const string Password = "not-a-secret";

    /// <summary>PostgreSQL refuses to run as root; Debian's package brings this user.</summary>
    private const string SystemUser = "postgres";

    // About a second on an idle machine; after a kill it replays its log.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _settings = [];
    private readonly string[] _asUser = IsRoot ? ["setpriv", "--reuid", SystemUser, "--regid", SystemUser, "--init-groups", "--"] : [];
    private NodeProcess? _process;

    private static bool IsRoot => Environment.IsPrivilegedProcess;

    public int Port { get; } = FreePort.Next();

    /// <summary>Connects as the owner of everything, to the database that is always there.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The server's log, since its last start.</summary>
    public string LogFile => _folder.File("server.log");

    /// <summary>Where its data is.</summary>
    public string DataFolder => _folder.File("data");

    /// <summary>A running server with settings of its own, such as <c>max_connections=20</c>.</summary>
    public static async Task<PostgreSqlServer> StartNewAsync(params string[] settings)
    {
        var server = NotStarted(settings);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A server that is not started yet, for tests that begin without one.</summary>
    public static PostgreSqlServer NotStarted(params string[] settings)
    {
        var server = new PostgreSqlServer();
        server._settings.AddRange(settings);
        return server;
    }

    public string ConnectionStringOf(string database) =>
        $"Host={Host};Port={Port.ToString(CultureInfo.InvariantCulture)};Username={Owner};Password={Password};Database={database}";

    /// <summary>Makes a folder the server's, for a tablespace.</summary>
    public static async Task GiveAsync(string folder)
    {
        if (IsRoot)
            await RunAsync("chown", "-R", $"{SystemUser}:{SystemUser}", folder);
    }

    /// <summary>The database's name in a connection string.</summary>
    public static string DatabaseOf(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Database!;

    /// <summary>A database of a test's own on a shared server; returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string? name = null)
    {
        name ??= $"test-{Guid.NewGuid():n}";
        await ExecuteAsync($"CREATE DATABASE \"{name}\"");
        return ConnectionStringOf(name);
    }

    /// <summary>Runs SQL as the server's owner, on a connection of its own.</summary>
    public async Task ExecuteAsync(string sql, string database = "postgres")
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Like <see cref="ExecuteAsync"/>; returns the first value of the first row.</summary>
    public async Task<T> QueryAsync<T>(string sql, string database = "postgres")
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Starts it, or starts it again with its data on the same port; returns when it takes connections.</summary>
    public async Task StartAsync()
    {
        if (IsRunning)
            throw new InvalidOperationException("The server runs already");
        var programs = FindPrograms();
        if (!Directory.Exists(DataFolder))
            await CreateClusterAsync(programs);
        File.Delete(LogFile);
        string[] command =
        [
            .. _asUser,
            Path.Combine(programs, "postgres"),
            "-D",
            DataFolder,
            "-p",
            Port.ToString(CultureInfo.InvariantCulture),
            "-c",
            $"listen_addresses={Host}",
            "-c",
            $"unix_socket_directories={_folder}",
            .. _settings.SelectMany(setting => new[] { "-c", setting }),
        ];
        _process = NodeProcess.Start("postgres", command, new Dictionary<string, string?>(), LogFile, _folder.Path);
        await _process.WaitForOutputAsync("database system is ready to accept connections", StartTimeout);
    }

    /// <summary>Ends it in order; connections that are open are cut, and what is under way in them is rolled back.</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
            await _process.InterruptAsync();
    }

    /// <summary>SIGKILL to all of its processes: on the next start it recovers from its log, as after a crash of the machine.</summary>
    public async Task KillAsync()
    {
        // The others would end by themselves, but only then lets the shared memory of a first process go that a second one must not meet.
        if (_process is not null)
            await _process.KillTreeAsync();
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>SIGSTOP to all of its processes: connections stay open, and nothing answers.</summary>
    public void Pause() => _process!.Pause();

    /// <summary>SIGCONT, after <see cref="Pause"/>.</summary>
    public void Resume() => _process!.Resume();

    public Task InitializeAsync() => StartAsync();

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The programs of the newest version that is installed.</summary>
    private static string FindPrograms()
    {
        var versions = Directory.Exists(Programs) ? Directory.GetDirectories(Programs) : [];
        return versions
            .Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb")))
            .MaxBy(bin => int.TryParse(Path.GetFileName(Path.GetDirectoryName(bin)), CultureInfo.InvariantCulture, out var version) ? version : 0)
            ?? throw new InvalidOperationException(
                $"The tests need a PostgreSQL server: {Programs}/*/bin/initdb is missing (Debian: apt-get install postgresql)"
            );
    }

    private async Task CreateClusterAsync(string programs)
    {
        var passwordFile = _folder.File("password");
        await File.WriteAllTextAsync(passwordFile, Password);
        await GiveAsync(_folder.Path);
        // Not synced: only the making of the files. What the server writes later is.
        await RunAsync([
            .. _asUser,
            Path.Combine(programs, "initdb"),
            "-D",
            DataFolder,
            "-U",
            Owner,
            "--pwfile",
            passwordFile,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]);
    }

    private async Task<NpgsqlConnection> ConnectAsync(string database)
    {
        // Not pooled: a pooled connection would be dead after a restart, and would hold up DROP DATABASE.
        var connection = new NpgsqlConnection($"{ConnectionStringOf(database)};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task RunAsync(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)}: {output}{await errors}");
    }
}
