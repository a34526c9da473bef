using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace NotifyOrleans.Edge.Tests.Clients;

/// <summary>
/// A client down to the frames of WebSocket (RFC 6455, 5.2), over a plain socket: it sees pings, answers them or not, and reads when the test wants it.
/// </summary>
public sealed class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Stream _stream;

    /// <summary>The answer to the upgrade.</summary>
    public string Handshake { get; private set; } = "";

    /// <summary>Whether the frame that was read last was compressed (RSV1).</summary>
    public bool IsCompressed { get; private set; }

    private RawClient(Uri address, int receiveBuffer)
    {
        if (receiveBuffer > 0)
            _socket.ReceiveBufferSize = receiveBuffer;
        _socket.Connect(address.Host, address.Port);
        _stream = new NetworkStream(_socket);
    }

    /// <summary>Opens a WebSocket and signs in with the scripted silo's token.</summary>
    /// <param name="address">The edge.</param>
    /// <param name="user">Who.</param>
    /// <param name="heartBeat">Header <c>heart-beat</c>.</param>
    /// <param name="receiveBuffer">Bytes that the kernel takes while the test does not read; 0 for its default.</param>
    /// <param name="extensions">Header <c>Sec-WebSocket-Extensions</c>; none when empty.</param>
    /// <param name="isEager">Sends CONNECT right behind the request, and does not wait for its answer.</param>
    public static async Task<RawClient> ConnectAsync(
        Uri address,
        string user,
        string heartBeat = "0,0",
        int receiveBuffer = 0,
        string extensions = "",
        bool isEager = false
    )
    {
        var client = new RawClient(address, receiveBuffer);
        var request = Encoding.ASCII.GetBytes(
            $"GET {address.AbsolutePath} HTTP/1.1\r\nHost: {address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + (extensions.Length > 0 ? $"Sec-WebSocket-Extensions: {extensions}\r\n\r\n" : "\r\n")
        );
        var connect = FrameOf(
            WebSocketOpcode.Text,
            Encoding.UTF8.GetBytes($"CONNECT\naccept-version:1.2\nhost:/\nlogin:{user}\npasscode:token-{user}\nheart-beat:{heartBeat}\n\n\0")
        );
        await client._stream.WriteAsync(isEager ? [.. request, .. connect] : request);
        var answer = new StringBuilder();
        var octet = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await client._stream.ReadExactlyAsync(octet);
            answer.Append((char)octet[0]);
        }
        Assert.StartsWith("HTTP/1.1 101", answer.ToString());
        client.Handshake = answer.ToString();
        if (!isEager)
            await client._stream.WriteAsync(connect);
        await client.FrameAsync("CONNECTED");
        return client;
    }

    /// <summary>Sends a text message.</summary>
    public Task SendAsync(string text) => SendAsync(WebSocketOpcode.Text, Encoding.UTF8.GetBytes(text));

    /// <summary>Answers a ping.</summary>
    public Task PongAsync(byte[] payload) => SendAsync(WebSocketOpcode.Pong, payload);

    /// <summary>Sends a close frame.</summary>
    public Task CloseAsync(int code) => SendAsync(WebSocketOpcode.Close, [(byte)(code >> 8), (byte)code]);

    public Task SendAsync(WebSocketOpcode opcode, byte[] payload) => _stream.WriteAsync(FrameOf(opcode, payload)).AsTask();

    private static byte[] FrameOf(WebSocketOpcode opcode, byte[] payload)
    {
        byte[] mask = [0x37, 0xFA, 0x21, 0x3D];
        byte[] header =
            payload.Length <= 125
                ? [(byte)(0x80 | (int)opcode), (byte)(0x80 | payload.Length), .. mask]
                : [(byte)(0x80 | (int)opcode), 0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length, .. mask];
        return [.. header, .. payload.Select((octet, i) => (byte)(octet ^ mask[i & 3]))];
    }

    /// <summary>The next frame, of WebSocket.</summary>
    public async Task<(WebSocketOpcode Opcode, byte[] Payload)> NextAsync(string what)
    {
        using var patience = new CancellationTokenSource(Timeout);
        try
        {
            var header = new byte[2];
            await _stream.ReadExactlyAsync(header, patience.Token);
            IsCompressed = (header[0] & 0x40) != 0;
            var length = (long)header[1];
            if (length >= 126)
            {
                var extended = new byte[length == 126 ? 2 : 8];
                await _stream.ReadExactlyAsync(extended, patience.Token);
                length = length == 126 ? BinaryPrimitives.ReadUInt16BigEndian(extended) : BinaryPrimitives.ReadInt64BigEndian(extended);
            }
            var payload = new byte[length];
            await _stream.ReadExactlyAsync(payload, patience.Token);
            return ((WebSocketOpcode)(header[0] & 0xF), payload);
        }
        catch (OperationCanceledException)
        {
            throw new Xunit.Sdk.XunitException($"Nothing came for {Timeout.TotalSeconds} s: {what}");
        }
    }

    /// <summary>The next frame must be one STOMP frame of this command.</summary>
    public async Task<WireFrame> FrameAsync(string command)
    {
        var (opcode, payload) = await NextAsync(command);
        Assert.True(opcode is WebSocketOpcode.Text or WebSocketOpcode.Binary, $"Not {command} but {opcode}");
        var message = WireMessage.Of(payload, opcode == WebSocketOpcode.Text);
        Assert.True(message.Frame?.Command == command, $"Not {command} but:\n{message.Text}");
        return new WireFrame(message.Frame, message.IsText, message.Text);
    }

    /// <summary>The next frame must be a ping; its payload.</summary>
    public async Task<byte[]> PingAsync()
    {
        var (opcode, payload) = await NextAsync("a ping");
        Assert.True(opcode == WebSocketOpcode.Ping, $"Not a ping but {opcode} {Encoding.UTF8.GetString(payload)}");
        return payload;
    }

    /// <summary>Sends a frame with a receipt, and waits for it: nothing else may come before.</summary>
    public async Task AskAsync(string headers)
    {
        await SendAsync($"{headers}\nreceipt:r\n\n\0");
        Assert.Equal("r", (await FrameAsync("RECEIPT"))["receipt-id"]);
    }

    public Task SubscribeAsync(string destination, string id = "1", string more = "") =>
        AskAsync($"SUBSCRIBE\nid:{id}\ndestination:{destination}{(more.Length > 0 ? $"\n{more}" : "")}");

    /// <summary>Waits until the edge has handled everything that was sent; nothing else may come before.</summary>
    public Task SyncAsync() => AskAsync($"BEGIN\ntransaction:{Guid.NewGuid():n}");

    /// <summary>Breaks the connection without a word.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>Ends the connection without a close frame, as a proxy does whose client is lost.</summary>
    /// <param name="unfinished">Bytes of a frame that the rest of never comes.</param>
    public async Task EndAsync(byte[] unfinished)
    {
        await _stream.WriteAsync(unfinished);
        _socket.Shutdown(SocketShutdown.Send);
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return _stream.DisposeAsync();
    }
}
