using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NotifyOrleans.Edge.Tests.Clients;

/// <summary>Sends bytes as they are, right or wrong, and shows all that is answered until the end.</summary>
public sealed class HostilePeer : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private static readonly byte[] Mask = [0x37, 0xFA, 0x21, 0x3D];

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Opens a plain connection.</summary>
    public static async Task<HostilePeer> OpenAsync(int port)
    {
        var peer = new HostilePeer();
        await peer._socket.ConnectAsync(IPAddress.Loopback, port);
        return peer;
    }

    /// <summary>Opens a WebSocket.</summary>
    public static async Task<HostilePeer> UpgradeAsync(Uri address)
    {
        var peer = await OpenAsync(address.Port);
        await peer.SendAsync(
            Encoding.ASCII.GetBytes(
                $"GET {address.AbsolutePath} HTTP/1.1\r\nHost: {address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
        );
        var answer = new byte[1024];
        var length = 0;
        // The edge says nothing of its own accord after that.
        while (!answer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            var count = await peer._socket.ReceiveAsync(answer.AsMemory(length));
            Assert.True(count > 0, "The connection ended before the upgrade");
            length += count;
        }
        return peer;
    }

    /// <summary>A WebSocket frame of a client.</summary>
    public static byte[] Frame(WebSocketOpcode opcode, ReadOnlySpan<byte> payload)
    {
        var head = payload.Length <= 125 ? 2 : 4;
        var frame = new byte[head + Mask.Length + payload.Length];
        frame[0] = (byte)(0x80 | (int)opcode);
        frame[1] = (byte)(0x80 | (head == 2 ? payload.Length : 126));
        if (head == 4)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        Mask.CopyTo(frame, head);
        for (var i = 0; i < payload.Length; i++)
            frame[head + Mask.Length + i] = (byte)(payload[i] ^ Mask[i & 3]);
        return frame;
    }

    /// <summary>Sends bytes; an edge that has cut the connection by then is no fault.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _socket.SendAsync(bytes);
        }
        catch (SocketException)
        {
            // Whether it may end so is seen when the answer is read.
        }
    }

    /// <summary>Takes what comes until the edge ends the connection.</summary>
    /// <param name="mayBeReset">Whether the end may be a reset.</param>
    public async Task<byte[]> ReadToEndAsync(bool mayBeReset = false)
    {
        using var patience = new CancellationTokenSource(Timeout);
        using var answer = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer, patience.Token) is > 0 and var count)
                answer.Write(buffer, 0, count);
        }
        catch (SocketException) when (mayBeReset)
        {
            // What came before still counts.
        }
        return answer.ToArray();
    }

    /// <summary>Sends nothing more.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The edge was first.
        }
    }

    public void Dispose() => _socket.Dispose();
}
