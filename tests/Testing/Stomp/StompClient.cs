using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Reading;
using NotifyOrleans.Stomp.Writing;
using Xunit;

namespace NotifyOrleans.Testing.Stomp;

/// <summary>A STOMP 1.2 session over a real WebSocket, for tests that need many of them, or need to say what a well-behaved client would not.</summary>
public sealed class StompClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly List<StompFrame> _frames = [];
    private readonly SemaphoreSlim _sending = new(1);
    private Task _reading = Task.CompletedTask;
    private int _lastReceipt;
    private long _receivedAt = Stopwatch.GetTimestamp();

    /// <summary>Called with every frame, on the reading thread, before it is kept.</summary>
    public Func<StompClient, StompFrame, Task>? OnFrame { get; set; }

    /// <summary>Whether frames are kept in <see cref="Frames"/>; off for tests that count for themselves.</summary>
    public bool KeepsFrames { get; set; } = true;

    /// <summary>All frames so far, heart-beats left out.</summary>
    public IReadOnlyList<StompFrame> Frames
    {
        get
        {
            lock (_frames)
                return [.. _frames];
        }
    }

    public IReadOnlyList<StompFrame> Messages => [.. Frames.Where(frame => frame.Command == StompCommands.Message)];

    /// <summary>Whether the other side, or the network, has ended the connection.</summary>
    public bool IsEnded => _reading.IsCompleted;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    /// <summary>Completes when the connection has ended.</summary>
    public Task Ended => _reading;

    /// <summary>Since anything came, heart-beats too.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(Interlocked.Read(ref _receivedAt));

    /// <summary>Opens the WebSocket; no frame is sent.</summary>
    public static async Task<StompClient> OpenAsync(Uri address, string subprotocol = "v12.stomp", CancellationToken cancellationToken = default)
    {
        var client = new StompClient();
        client._socket.Options.AddSubProtocol(subprotocol);
        client._socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await client._socket.ConnectAsync(address, cancellationToken);
        client._reading = client.ReadAsync();
        return client;
    }

    /// <summary>Opens the WebSocket and logs in; fails when the answer is not CONNECTED.</summary>
    public static async Task<StompClient> ConnectAsync(Uri address, string login, string passcode)
    {
        var client = await OpenAsync(address);
        await client.SendAsync("CONNECT", [("accept-version", "1.2"), ("host", "/"), ("login", login), ("passcode", passcode)]);
        var answer = await client.WaitForAsync(frame => frame.Command is StompCommands.Connected or StompCommands.Error, "CONNECTED");
        Assert.True(answer.Command == StompCommands.Connected, $"{answer["message"]}: {Text(answer)}");
        return client;
    }

    public async Task SendAsync(string command, (string Name, string Value)[] headers, string body = "")
    {
        var frame = new ArrayBufferWriter<byte>();
        var writer = new StompFrameWriter(frame, StompVersion.V12, command);
        foreach (var (name, value) in headers)
            writer.Header(name, value);
        writer.End(Encoding.UTF8.GetBytes(body));
        await SendAsync(frame.WrittenMemory);
    }

    public Task HeartBeatAsync() => SendAsync("\n"u8.ToArray());

    /// <summary>Sends a frame with a <c>receipt</c> and waits for the answer; fails on an ERROR.</summary>
    public async Task SendWithReceiptAsync(string command, (string Name, string Value)[] headers, string body = "")
    {
        var receipt = $"r{Interlocked.Increment(ref _lastReceipt)}";
        await SendAsync(command, [.. headers, ("receipt", receipt)], body);
        var answer = await WaitForAsync(
            frame => frame.Command == StompCommands.Error || (frame.Command == StompCommands.Receipt && frame["receipt-id"] == receipt),
            $"the receipt of {command}"
        );
        Assert.True(answer.Command == StompCommands.Receipt, $"{answer["message"]}: {Text(answer)}");
    }

    public Task SubscribeAsync(string destination, string id = "0", string ack = "auto", params (string Name, string Value)[] more) =>
        SendWithReceiptAsync(StompCommands.Subscribe, [("id", id), ("destination", destination), ("ack", ack), .. more]);

    public Task AckAsync(StompFrame message) => SendAsync(StompCommands.Ack, [("id", message["ack"]!)]);

    /// <summary>Waits for the first frame that matches, from the beginning of the session.</summary>
    public async Task<StompFrame> WaitForAsync(Func<StompFrame, bool> match, string what, TimeSpan? timeout = null)
    {
        StompFrame? found = null;
        await Wait.Until(
            () =>
            {
                found = Frames.FirstOrDefault(match);
                if (found is null && IsEnded)
                    Assert.Fail(
                        $"The connection has ended ({CloseStatus}) before: {what}. Frames: {string.Join(", ", Frames.Select(frame => $"{frame.Command} {frame["message"]}"))}"
                    );
                return found is not null;
            },
            what,
            timeout
        );
        return found!;
    }

    /// <summary>Waits until there are so many MESSAGE frames, and returns them.</summary>
    public async Task<IReadOnlyList<StompFrame>> MessagesAsync(int count, TimeSpan? timeout = null)
    {
        await Wait.Until(() => Messages.Count >= count, () => $"{count} messages; there are {Messages.Count}, ended: {IsEnded}", timeout);
        return Messages;
    }

    public static string Text(StompFrame frame) => Encoding.UTF8.GetString(frame.Body.Span);

    /// <summary>Says DISCONNECT, and answers the goodbye.</summary>
    public async Task DisconnectAsync()
    {
        await SendWithReceiptAsync(StompCommands.Disconnect, []);
        await Wait.Until(() => IsEnded, "the connection to end after DISCONNECT");
    }

    /// <summary>Closes the WebSocket with a code and without DISCONNECT; a page that is reloaded does so with 1001.</summary>
    public async Task CloseAsync(int code)
    {
        await _socket.CloseOutputAsync((WebSocketCloseStatus)code, null, CancellationToken.None);
        await Wait.Until(() => IsEnded, "the answer to the close");
    }

    /// <summary>Breaks the connection without a word.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private async Task SendAsync(ReadOnlyMemory<byte> message)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReadAsync()
    {
        var reader = new StompFrameReader();
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                Interlocked.Exchange(ref _receivedAt, Stopwatch.GetTimestamp());
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    if (_socket.State == WebSocketState.CloseReceived)
                        await _socket.CloseOutputAsync(_socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    return;
                }
                await ReadFramesAsync(reader, buffer.AsMemory(0, result.Count));
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection has ended.
        }
    }

    private async Task ReadFramesAsync(StompFrameReader reader, ReadOnlyMemory<byte> piece)
    {
        var input = new ReadOnlySequence<byte>(piece);
        while (!input.IsEmpty && reader.Read(ref input, StompVersion.V12, StompLimits.Default, out var frame) is var status)
        {
            Assert.NotEqual(StompReadStatus.Fault, status);
            if (frame is null)
                continue;
            if (OnFrame is { } handle)
                await handle(this, frame);
            if (!KeepsFrames)
                continue;
            lock (_frames)
                _frames.Add(frame);
        }
    }
}
