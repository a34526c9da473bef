using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>
/// Looks for pongs that answer a probe in what a WebSocket client sends (RFC 6455, 5.2: its frames are masked). It checks nothing: the framework, which
/// reads the same bytes, ends a connection that breaks the rules.
/// </summary>
internal struct PongReader
{
    private const int Pong = 0xA;

    private Header _header;
    private int _headerLength;
    private long _payload;
    private bool _isAnswer;
    private int _taken;
    private long _number;

    /// <summary>Whether what has come so far ends with a frame.</summary>
    public readonly bool IsBetweenFrames => _payload == 0 && _headerLength == 0;

    /// <summary>Looks at bytes, which may begin and end anywhere in a frame, until a probe is answered in them.</summary>
    /// <param name="bytes">What has come next; afterwards what was not looked at yet.</param>
    /// <param name="number">The probe's number.</param>
    /// <returns>False when there is no more answer in them.</returns>
    public bool TryRead(ref ReadOnlySpan<byte> bytes, out long number)
    {
        while (bytes.Length > 0)
        {
            if (_payload == 0)
            {
                bytes = ReadHeader(bytes);
                continue;
            }
            var count = (int)Math.Min(_payload, bytes.Length);
            if (_isAnswer)
                ReadNumber(bytes[..count]);
            bytes = bytes[count..];
            _payload -= count;
            if (_payload > 0 || !_isAnswer)
                continue;
            number = _number;
            return true;
        }
        number = 0;
        return false;
    }

    private ReadOnlySpan<byte> ReadHeader(ReadOnlySpan<byte> bytes)
    {
        _header[_headerLength++] = bytes[0];
        if (_headerLength < 2 || _headerLength < LengthOf(_header[1]))
            return bytes[1..];
        Span<byte> header = _header;
        _payload = (header[1] & 0x7F) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(header[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(header[2..]) & long.MaxValue,
            var length => length,
        };
        _isAnswer = (header[0] & 0xF) == Pong && _payload == ProbingStream.ProbePayload && IsMasked(header[1]);
        (_headerLength, _taken, _number) = (0, 0, 0);
        return bytes[1..];
    }

    private void ReadNumber(ReadOnlySpan<byte> payload)
    {
        // The mask stands behind the two bytes that a frame of this length begins with.
        foreach (var octet in payload)
            _number = (_number << 8) | (byte)(octet ^ _header[2 + (_taken++ & 3)]);
    }

    private static int LengthOf(byte second) =>
        (second & 0x7F) switch
        {
            126 => 4,
            127 => 10,
            _ => 2,
        } + (IsMasked(second) ? 4 : 0);

    private static bool IsMasked(byte second) => (second & 0x80) != 0;

    /// <summary>The longest header: two bytes, a length of eight, a mask of four.</summary>
    [InlineArray(14)]
    private struct Header
    {
        private byte _first;
    }
}
