using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Reading;

namespace NotifyOrleans.Edge.Tests.Clients;

/// <summary>A native app: STOMP over a plain socket or over TLS, that reads when the test wants it.</summary>
public sealed class SocketClient : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly StompFrameReader _reader = new();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private ReadOnlyMemory<byte> _unread;
    private Stream _stream = Stream.Null;

    /// <summary>Opens a connection.</summary>
    /// <param name="port">The edge's, or a proxy's.</param>
    /// <param name="tls">Whether to speak TLS, with which name; any certificate is taken.</param>
    /// <param name="receiveBuffer">Bytes that the kernel takes while the test does not read; 0 for its default.</param>
    /// <param name="from">The address to connect from.</param>
    /// <param name="first">Sent before everything else, TLS included.</param>
    public static async Task<SocketClient> OpenAsync(int port, string? tls = null, int receiveBuffer = 0, string? from = null, byte[]? first = null)
    {
        var client = new SocketClient();
        if (receiveBuffer > 0)
            client._socket.ReceiveBufferSize = receiveBuffer;
        if (from is not null)
            client._socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await client._socket.ConnectAsync(IPAddress.Loopback, port);
        client._stream = new NetworkStream(client._socket);
        if (first is not null)
            await client._stream.WriteAsync(first);
        if (tls is not null)
        {
            var secure = new SslStream(client._stream);
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = tls,
                    EnabledSslProtocols = SslProtocols.None,
                    RemoteCertificateValidationCallback = delegate
                    {
                        return true;
                    },
                }
            );
            client._stream = secure;
        }
        return client;
    }

    /// <summary>Signs in with the scripted silo's token.</summary>
    public async Task<SocketClient> SignInAsync(string user, string host = "/", string heartBeat = "0,0")
    {
        await SendAsync($"CONNECT\naccept-version:1.2\nhost:{host}\nlogin:{user}\npasscode:token-{user}\nheart-beat:{heartBeat}\n\n\0");
        await FrameAsync(StompCommands.Connected);
        return this;
    }

    /// <summary>Sends byte by byte, each in a packet of its own.</summary>
    public async Task TrickleAsync(byte[] bytes)
    {
        _socket.NoDelay = true;
        foreach (var octet in bytes)
            await _stream.WriteAsync(new[] { octet });
    }

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a frame with a receipt, and waits for it: nothing else may come before.</summary>
    public async Task AskAsync(string headers)
    {
        await SendAsync($"{headers}\nreceipt:r\n\n\0");
        Assert.Equal("r", (await FrameAsync(StompCommands.Receipt))["receipt-id"]);
    }

    public Task SubscribeAsync(string destination, string more = "") =>
        AskAsync($"SUBSCRIBE\nid:1\ndestination:{destination}{(more.Length > 0 ? $"\n{more}" : "")}");

    /// <summary>The next frame must be one of this command; heart-beats are passed over.</summary>
    public async Task<StompFrame> FrameAsync(string command)
    {
        while (true)
        {
            var rest = _unread.Span;
            var status = _reader.Read(ref rest, StompVersion.V12, StompLimits.Default, out var frame);
            _unread = _unread[^rest.Length..];
            Assert.NotEqual(StompReadStatus.Fault, status);
            if (frame is null)
            {
                Assert.True(await ReadAsync(), $"The connection ended before: {command}");
                continue;
            }
            Assert.True(frame.Command == command, $"Not {command} but {frame.Command} {frame["message"]}: {Encoding.UTF8.GetString(frame.Body.Span)}");
            return frame;
        }
    }

    /// <summary>The next byte must be a heart-beat.</summary>
    public async Task BeatAsync()
    {
        // One line feed belongs to the frame before.
        for (var i = 0; i < 2; i++)
        {
            if (_unread.IsEmpty)
                Assert.True(await ReadAsync(), "The connection ended before a heart-beat");
            Assert.Equal((byte)'\n', _unread.Span[0]);
            _unread = _unread[1..];
        }
    }

    /// <summary>Waits for the end of the connection, which must be in order: no frame before it, and no reset in its place.</summary>
    public async Task EndedAsync()
    {
        do
        {
            Assert.True(_unread.Span.Trim((byte)'\n').IsEmpty, $"Came before the end: {Encoding.UTF8.GetString(_unread.Span)}");
            _unread = default;
        } while (await ReadAsync());
    }

    /// <summary>Ends the sending direction, without DISCONNECT.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task<bool> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Timeout);
        var count = await _stream.ReadAsync(_buffer, patience.Token);
        _unread = _buffer.AsMemory(0, count);
        return count > 0;
    }
}
