using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NotifyOrleans.AuthorityProbe;

/// <summary>
/// One connection that asks one question after the other. It is not an <see cref="HttpClient"/>: that costs more than what is measured, on the same two cores.
/// </summary>
internal sealed class Asker : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[4096];

    public static async Task<Asker> ConnectAsync(IPEndPoint address)
    {
        var asker = new Asker();
        await asker._socket.ConnectAsync(address);
        return asker;
    }

    /// <summary>The body of the answer.</summary>
    /// <exception cref="IOException">The answer is none.</exception>
    public async ValueTask<string> AskAsync(byte[] question)
    {
        await _socket.SendAsync(question);
        var count = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(_answer.AsMemory(count));
            if (read == 0)
                throw new IOException("The connection was closed.");
            count += read;
            if (TryRead(_answer.AsSpan(0, count), out var body))
                return body;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool TryRead(ReadOnlySpan<byte> answer, out string body)
    {
        body = "";
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        if (!answer.StartsWith("HTTP/1.1 200 "u8))
            throw new IOException(Encoding.ASCII.GetString(answer[..end]));
        var length = answer[(answer.IndexOf("Content-Length: "u8) + "Content-Length: ".Length)..];
        length = length[..length.IndexOf((byte)'\r')];
        var rest = answer[(end + 4)..];
        if (rest.Length < int.Parse(length, CultureInfo.InvariantCulture))
            return false;
        body = Encoding.ASCII.GetString(rest);
        return true;
    }
}
