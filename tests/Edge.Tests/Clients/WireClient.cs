using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Tests.Clients;

/// <summary>A client that says exactly what a test tells it to, byte by byte, and shows exactly what came.</summary>
public sealed class WireClient : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly Channel<WireMessage> _messages = Channel.CreateUnbounded<WireMessage>();
    private readonly CancellationTokenSource _ended = new();
    private Task _reading = Task.CompletedTask;
    private HttpMessageInvoker? _invoker;
    private TaskCompletionSource? _paused;

    public string? Subprotocol => _socket.SubProtocol;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseText => _socket.CloseStatusDescription;

    /// <summary>Opens a WebSocket.</summary>
    /// <param name="address">The edge.</param>
    /// <param name="subprotocols">What to offer.</param>
    /// <param name="origin">Header <c>Origin</c>.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="from">The address to connect from.</param>
    /// <param name="first">Sent before the request.</param>
    /// <param name="version">Of HTTP; 1.1 when null.</param>
    /// <param name="path">Of the Unix socket to connect to in place of the address.</param>
    public static async Task<WireClient> OpenAsync(
        Uri address,
        string[]? subprotocols = null,
        string? origin = null,
        (string Name, string Value)[]? headers = null,
        string? from = null,
        byte[]? first = null,
        Version? version = null,
        string? path = null
    )
    {
        var client = new WireClient();
        foreach (var subprotocol in subprotocols ?? ["v12.stomp"])
            client._socket.Options.AddSubProtocol(subprotocol);
        if (origin is not null)
            client._socket.Options.SetRequestHeader("Origin", origin);
        foreach (var (name, value) in headers ?? [])
            client._socket.Options.SetRequestHeader(name, value);
        client._socket.Options.HttpVersion = version ?? HttpVersion.Version11;
        client._socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (context, cancellationToken) =>
                path is null ? ConnectAsync(context.DnsEndPoint, from, first ?? [], cancellationToken) : ConnectAsync(path, cancellationToken),
        };
        // The tests' certificate is its own issuer.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        client._invoker = new HttpMessageInvoker(handler);
        await client._socket.ConnectAsync(address, client._invoker, CancellationToken.None);
        client._reading = client.ReadAsync();
        return client;
    }

    /// <summary>Opens a WebSocket and signs in with the scripted silo's token.</summary>
    public static async Task<WireClient> ConnectAsync(Uri address, string user, string version = "1.2", string heartBeat = "0,0")
    {
        var client = await OpenAsync(address);
        await client.SendAsync($"CONNECT\naccept-version:{version}\nhost:/\nlogin:{user}\npasscode:token-{user}\nheart-beat:{heartBeat}\n\n\0");
        await client.FrameAsync(StompCommands.Connected);
        return client;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public async Task SendAsync(byte[] bytes, WebSocketMessageType type = WebSocketMessageType.Binary) =>
        await _socket.SendAsync(bytes, type, endOfMessage: true, CancellationToken.None);

    /// <summary>Sends a frame with a receipt, and waits for it: nothing else may come before.</summary>
    /// <param name="headers">Command and header lines.</param>
    /// <param name="body">The body.</param>
    public async Task AskAsync(string headers, string body = "")
    {
        var receipt = Guid.NewGuid().ToString("n");
        await SendAsync($"{headers}\nreceipt:{receipt}\n\n{body}\0");
        var answer = await FrameAsync(StompCommands.Receipt);
        Assert.Equal(receipt, answer.Frame["receipt-id"]);
    }

    public Task SubscribeAsync(string destination, string id = "1", string more = "") =>
        AskAsync($"SUBSCRIBE\nid:{id}\ndestination:{destination}{(more.Length > 0 ? $"\n{more}" : "")}");

    /// <summary>The next message, which must hold one frame of this command.</summary>
    public async Task<WireFrame> FrameAsync(string command)
    {
        var message = await NextAsync($"{command}");
        Assert.NotNull(message.Frame);
        Assert.True(message.Frame.Command == command, $"Not {command} but:\n{message.Text}");
        return new WireFrame(message.Frame, message.IsText, message.Text);
    }

    /// <summary>The next message must be an ERROR, with this text in header <c>message</c>.</summary>
    public async Task<WireFrame> ErrorAsync(string message)
    {
        var error = await FrameAsync(StompCommands.Error);
        Assert.Equal(message, error.Frame["message"]);
        return error;
    }

    /// <summary>The next message, a heart-beat or a frame.</summary>
    public async Task<WireMessage> NextAsync(string what)
    {
        using var patience = new CancellationTokenSource(Timeout);
        try
        {
            return await _messages.Reader.ReadAsync(patience.Token);
        }
        catch (ChannelClosedException)
        {
            throw new Xunit.Sdk.XunitException($"The connection was closed ({CloseStatus} {CloseText}) before: {what}");
        }
        catch (OperationCanceledException)
        {
            throw new Xunit.Sdk.XunitException($"Nothing came for {Timeout.TotalSeconds} s: {what}");
        }
    }

    /// <summary>Whether something has come that was not looked at.</summary>
    public bool HasMore => _messages.Reader.TryPeek(out _);

    /// <summary>Waits for the end of the connection; nothing more may come before it.</summary>
    public async Task ClosedAsync(int code)
    {
        using var patience = new CancellationTokenSource(Timeout);
        if (await _messages.Reader.WaitToReadAsync(patience.Token).AsTask().WaitAsync(Timeout))
            Assert.Fail($"Came before the close: {(await NextAsync("what came")).Text}");
        Assert.Equal(code, (int?)CloseStatus);
    }

    /// <summary>Closes in order, and waits for the answer.</summary>
    public async Task CloseAsync(int code = 1000)
    {
        await _socket.CloseOutputAsync((WebSocketCloseStatus)code, null, CancellationToken.None);
        await _reading.WaitAsync(Timeout);
    }

    /// <summary>Breaks the connection without a word.</summary>
    public void Abort() => _socket.Abort();

    /// <summary>Takes nothing more from the network.</summary>
    public void StopReading() => _paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Goes on after <see cref="StopReading"/>.</summary>
    public void ReadAgain() => Interlocked.Exchange(ref _paused, null)?.SetResult();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _socket.Abort();
        await _reading;
        _socket.Dispose();
        _invoker?.Dispose();
        _ended.Dispose();
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint address, string? from, byte[] first, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (from is not null)
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(address, cancellationToken);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(first, cancellationToken);
        return stream;
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async Task ReadAsync()
    {
        var message = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(message.GetMemory(16 * 1024), _ended.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    if (_socket.State == WebSocketState.CloseReceived)
                        await _socket.CloseOutputAsync(_socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                }
                message.Advance(part.Count);
                if (!part.EndOfMessage)
                    continue;
                await _messages.Writer.WriteAsync(WireMessage.Of(message.WrittenSpan, part.MessageType == WebSocketMessageType.Text));
                message.Clear();
                if (Volatile.Read(ref _paused) is { } paused)
                    await paused.Task.WaitAsync(_ended.Token);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is lost; what there was can still be read.
        }
        _messages.Writer.Complete();
    }
}
