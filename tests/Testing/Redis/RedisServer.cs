using System.Globalization;
using System.Net.Sockets;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.Testing.Redis;

/// <summary>
/// A Redis of the test's own, on a free port of this machine; it writes every change to a file in a temporary folder, and has it again after a kill.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Host = "127.0.0.1";

    private readonly TemporaryFolder _folder = new();
    private NodeProcess? _process;

    public int Port { get; } = FreePort.Next();

    /// <summary>As StackExchange.Redis reads it.</summary>
    public string ConnectionString => $"{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Starts it, or starts it again with its data; returns when it takes connections.</summary>
    public async Task StartAsync()
    {
        if (!File.Exists("/usr/bin/redis-server"))
            throw new InvalidOperationException("The tests need a Redis server: /usr/bin/redis-server is missing (Debian: apt-get install redis-server)");
        string[] command =
        [
            "redis-server",
            "--bind",
            Host,
            "--port",
            Port.ToString(CultureInfo.InvariantCulture),
            "--dir",
            _folder.Path,
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--save",
            "",
        ];
        _process = NodeProcess.Start("redis-server", command, new Dictionary<string, string?>(), _folder.File("redis.log"), _folder.Path);
        await _process.WaitForAsync(AnswersAsync, "it to take connections");
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _process!.KillAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(Host, Port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[5];
            await client.GetStream().ReadExactlyAsync(answer);
            return answer.AsSpan().SequenceEqual("+PONG"u8);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
