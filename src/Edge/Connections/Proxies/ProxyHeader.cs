using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace NotifyOrleans.Edge.Connections.Proxies;

/// <summary>The header of the PROXY protocol, as HAProxy's proxy-protocol.txt has it: version 1 is a line, version 2 is binary.</summary>
internal static class ProxyHeader
{
    /// <summary>The longest line of version 1, with its end (2.1).</summary>
    private const int MaxLine = 107;

    /// <summary>Signature, command, family, length (2.2).</summary>
    private const int FixedLength = 16;

    /// <summary>Addresses and what proxies add to them; the format could name 64 KiB, and real ones some hundred bytes.</summary>
    private const int MaxVariable = 4096;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ReadOnlySpan<byte> Prefix => "PROXY "u8;

    /// <summary>Reads the header at the beginning of a connection.</summary>
    /// <param name="input">What has come so far.</param>
    /// <param name="length">Bytes of the header.</param>
    /// <param name="source">The client's address; null when the proxy speaks for itself, or does not know.</param>
    /// <returns>Whether it is there; null when more is needed.</returns>
    public static bool? TryRead(ReadOnlySequence<byte> input, out int length, out IPEndPoint? source)
    {
        Span<byte> head = stackalloc byte[FixedLength + MaxVariable];
        head = head[..(int)Math.Min(input.Length, head.Length)];
        input.Slice(0, head.Length).CopyTo(head);
        (length, source) = (0, null);
        if (StartsWith(head, Signature))
            return head.Length < FixedLength ? null : TryReadBinary(head, out length, out source);
        return StartsWith(head, Prefix) ? TryReadLine(head, out length, out source) : false;
    }

    /// <summary>Whether it may become one, as far as it goes.</summary>
    private static bool StartsWith(ReadOnlySpan<byte> head, ReadOnlySpan<byte> mark) =>
        head[..Math.Min(head.Length, mark.Length)].SequenceEqual(mark[..Math.Min(head.Length, mark.Length)]);

    private static bool? TryReadLine(ReadOnlySpan<byte> head, out int length, out IPEndPoint? source)
    {
        (length, source) = (0, null);
        var end = head.IndexOf("\r\n"u8);
        if (end < 0 || end + 2 > MaxLine)
            return head.Length < MaxLine ? null : false;
        length = end + 2;
        // PROXY TCP4 source destination source-port destination-port
        var words = Encoding.ASCII.GetString(head[..end]).Split(' ');
        if (words is [_, "UNKNOWN", ..])
            return true;
        if (
            words is not [_, "TCP4" or "TCP6", var address, _, var port, _]
            || !IPAddress.TryParse(address, out var ip)
            || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        )
            return false;
        source = new IPEndPoint(ip, number);
        return true;
    }

    private static bool? TryReadBinary(ReadOnlySpan<byte> head, out int length, out IPEndPoint? source)
    {
        const byte Local = 0x20;
        const byte Proxy = 0x21;
        const byte Tcp4 = 0x11;
        const byte Tcp6 = 0x21;
        source = null;
        var (command, family) = (head[12], head[13]);
        length = FixedLength + BinaryPrimitives.ReadUInt16BigEndian(head[14..]);
        if (command is not (Local or Proxy) || length > FixedLength + MaxVariable)
            return false;
        if (head.Length < length)
            return null;
        // Source, destination, source port, destination port; then what a proxy may add.
        var size = family switch
        {
            Tcp4 => 4,
            Tcp6 => 16,
            _ => 0,
        };
        if (command == Local || size == 0)
            return true;
        var addresses = head[FixedLength..length];
        if (addresses.Length < (2 * size) + 4)
            return false;
        source = new IPEndPoint(new IPAddress(addresses[..size]), BinaryPrimitives.ReadUInt16BigEndian(addresses[(2 * size)..]));
        return true;
    }
}
