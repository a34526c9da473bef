using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Reflection;
using System.Text;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Fuzz;
using NotifyOrleans.Stomp.Reading;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Connections;

/// <summary>
/// Hostile bytes against a running edge: each connection gets its answer and its end, nothing crashes (an error in the log fails the test), memory is bounded.
/// </summary>
public sealed class FuzzTests : EdgeAtSilo
{
    private const int Inputs = 10_000;

    /// <summary>After these the edge is warm, and memory is compared with what it was then.</summary>
    private const int WarmUp = 1_000;

    private const int AtATime = 32;

    /// <summary>Bytes that a warm edge may grow by: some garbage that is not collected yet.</summary>
    private const long MaxGrowth = 150 * 1024 * 1024;

    /// <summary>The codec's corpus, without the two bytes that are for its fuzz target.</summary>
    private static readonly byte[][] Corpus =
    [
        .. Directory.GetFiles(Repository.PathOf("tests", "Stomp.Fuzz", "corpus")).Order(StringComparer.Ordinal).Select(file => File.ReadAllBytes(file)[2..]),
    ];

    private static readonly HashSet<int> Codes =
    [
        .. typeof(CloseReasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => ((CloseReason)field.GetValue(null)!).Code),
        1002,
        1007,
    ];

    private readonly int _tcpPort = FreePort.Next();

    protected override IEnumerable<(string Name, string Value)> Settings => [("Stomp__Tcp__Enabled", "true"), ("Stomp__Tcp__Port", $"{_tcpPort}")];

    [Fact]
    public async Task HostileInputs_AreAllAnsweredAndEnded_AndLeaveNothingBehind()
    {
        var seed = Random.Shared.Next();
        var stomp = new StreamMutator(Corpus, seed);
        var frames = new StreamMutator([.. Corpus.Select(input => HostilePeer.Frame(WebSocketOpcode.Text, input))], seed);
        var inputs = Enumerable.Range(0, Inputs).Select(i => i % 4 == 3 ? frames.Next() : stomp.Next()).ToArray();
        var findings = new ConcurrentQueue<string>();

        await AttackAsync(0, WarmUp);
        var warm = Memory();
        await AttackAsync(WarmUp, Inputs);

        Assert.True(findings.IsEmpty, $"Seed {seed}, {findings.Count} findings, such as:\n{string.Join('\n', findings.Take(5))}");
        await Wait.Until(async () => await Edge.MetricAsync("notifyorleans_edge_connections_closed_total") == Inputs, "all connections to be closed");
        Assert.Equal(0, await Edge.MetricAsync("notifyorleans_edge_connections_closed_total", "reason=\"internal_error\""));
        Assert.True(Memory() - warm < MaxGrowth, $"Seed {seed}: from {warm} to {Memory()} bytes");

        Task AttackAsync(int from, int to) => Parallel.ForAsync(from, to, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (i, _) =>
            {
                if (await Record.ExceptionAsync(() => SendHostileAsync(i % 4, inputs[i])) is { } finding)
                    findings.Enqueue($"input {i}, {Convert.ToHexString(inputs[i])}: {finding.Message}");
            });
    }

    [Fact]
    public async Task CompressedFrame_ThatInflatesBeyondTheLimit_IsRefused()
    {
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        await socket.ConnectAsync(Edge.StompAddress, CancellationToken.None);
        await socket.SendAsync(
            Encoding.UTF8.GetBytes($"CONNECT\n\n{new string('x', 50_000_000)}"),
            WebSocketMessageType.Text,
            endOfMessage: true,
            CancellationToken.None
        );
        var buffer = new byte[4096];
        var error = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Contains("Frame too large", Encoding.UTF8.GetString(buffer, 0, error.Count), StringComparison.Ordinal);
        await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, socket.CloseStatus);
    }

    private Task SendHostileAsync(int way, byte[] input) =>
        way switch
        {
            0 => OverTcpAsync(input, isSignedIn: false),
            1 => OverTcpAsync(input, isSignedIn: true),
            2 => InFramesAsync(input),
            _ => AsFramesAsync(input),
        };

    /// <summary>STOMP that is wrong, before or after the login: frames, then the end in order. What is no frame gets its ERROR.</summary>
    private async Task OverTcpAsync(byte[] input, bool isSignedIn)
    {
        using var peer = await HostilePeer.OpenAsync(_tcpPort);
        byte[] login = isSignedIn ? [.. "CONNECT\naccept-version:1.2\nlogin:eve\npasscode:token-eve\n\n\0"u8] : [];
        await peer.SendAsync([.. login, .. input]);
        peer.EndSending();
        var commands = CommandsOf(await peer.ReadToEndAsync());
        if (isSignedIn)
            Assert.Equal("CONNECTED", commands.FirstOrDefault());
        if (IsNoFrame(input))
            Assert.Equal("ERROR", commands.LastOrDefault());
    }

    /// <summary>STOMP that is wrong in WebSocket messages that are right: the goodbye is of the table, or the peer's own.</summary>
    private async Task InFramesAsync(byte[] input)
    {
        using var peer = await HostilePeer.UpgradeAsync(Edge.StompAddress);
        var cut = input.Length / 2;
        await peer.SendAsync(HostilePeer.Frame(WebSocketOpcode.Binary, input.AsSpan(0, cut)));
        await peer.SendAsync(HostilePeer.Frame(WebSocketOpcode.Binary, input.AsSpan(cut)));
        await peer.SendAsync(HostilePeer.Frame(WebSocketOpcode.Close, [1000 >> 8, 1000 & 0xFF]));
        var (stomp, code) = Unframe(await peer.ReadToEndAsync());
        var commands = CommandsOf(stomp);
        Assert.Contains(code ?? 0, Codes);
        Assert.NotNull(code);
        if (IsNoFrame(input))
            Assert.Equal("ERROR", commands.LastOrDefault());
    }

    /// <summary>WebSocket that is wrong: a goodbye, if there is still somebody to be told.</summary>
    private async Task AsFramesAsync(byte[] input)
    {
        using var peer = await HostilePeer.UpgradeAsync(Edge.StompAddress);
        await peer.SendAsync(input);
        peer.EndSending();
        // Who has gone in the middle of a frame may be reset.
        var (stomp, code) = Unframe(await peer.ReadToEndAsync(mayBeReset: true));
        CommandsOf(stomp);
        // It may have become a close frame of the peer's, whose code is sent back.
        Assert.True(code is null or (>= 1000 and < 5000), $"code {code}");
    }

    /// <summary>Whether it does not even begin with a frame.</summary>
    private static bool IsNoFrame(ReadOnlySpan<byte> input) =>
        new StompFrameReader().Read(ref input, StompVersion.V12, StompLimits.Default, out _) == StompReadStatus.Fault;

    /// <summary>The commands of what the edge has said, which must be frames.</summary>
    private static List<string> CommandsOf(byte[] answer)
    {
        var commands = new List<string>();
        var reader = new StompFrameReader();
        ReadOnlySpan<byte> rest = answer;
        while (!rest.IsEmpty)
        {
            Assert.NotEqual(StompReadStatus.Fault, reader.Read(ref rest, StompVersion.V12, StompLimits.Default, out var frame));
            if (frame is not null)
                commands.Add(frame.Command);
        }
        return commands;
    }

    /// <summary>The payloads of the edge's messages, one after another, and the code of its close frame.</summary>
    private static (byte[] Stomp, int? Code) Unframe(ReadOnlySpan<byte> answer)
    {
        var stomp = new List<byte>();
        while (answer.Length >= 2)
        {
            var (opcode, length, head) = ((WebSocketOpcode)(answer[0] & 0xF), answer[1] & 0x7F, 2);
            if (length == 126)
                (length, head) = (BinaryPrimitives.ReadUInt16BigEndian(answer[2..]), 4);
            var payload = answer.Slice(head, length);
            if (opcode == WebSocketOpcode.Close)
                return ([.. stomp], payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 1005);
            if (opcode is WebSocketOpcode.Text or WebSocketOpcode.Binary)
                stomp.AddRange(payload);
            answer = answer[(head + length)..];
        }
        return ([.. stomp], null);
    }

    /// <summary>Bytes of the edge in memory.</summary>
    private long Memory()
    {
        var line = File.ReadLines($"/proc/{Edge.Process.Id}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
