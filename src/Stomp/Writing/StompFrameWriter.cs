using System.Buffers;
using System.Globalization;
using System.Text;

namespace NotifyOrleans.Stomp.Writing;

/// <summary>
/// Writes one frame: the command, then each header in the order of the calls, then an end. Escapes as RabbitMQ's Web STOMP, in every frame:
/// <c>\ : CR LF</c>, in names and values; for 1.0 only CR and LF. A line feed follows the NUL.
/// </summary>
/// <remarks>Nothing is checked against limits, and values are not looked at but for escapes: a NUL in one goes out as it is, as in the reference.</remarks>
public ref struct StompFrameWriter
{
    private readonly IBufferWriter<byte> _output;
    private readonly SearchValues<char> _special;
    private Span<byte> _span;
    private int _written;

    /// <summary>Begins a frame.</summary>
    public StompFrameWriter(IBufferWriter<byte> output, StompVersion version, string command)
        : this(output, version)
    {
        WriteText(command);
        WriteOctet((byte)'\n');
    }

    private StompFrameWriter(IBufferWriter<byte> output, StompVersion version)
    {
        _output = output;
        _special = StompHeaderEscaping.SpecialIn(version);
    }

    /// <summary>Goes on in the headers of a frame that somebody else begins.</summary>
    internal static StompFrameWriter Continue(IBufferWriter<byte> output, StompVersion version) => new(output, version);

    /// <summary>Writes a header. <c>content-length</c> is left out: <see cref="End(ReadOnlySpan{byte})"/> writes it, from the body.</summary>
    public void Header(string name, scoped ReadOnlySpan<char> value)
    {
        if (name == StompHeaderNames.ContentLength)
            return;
        WriteEscaped(name);
        WriteOctet((byte)':');
        WriteEscaped(value);
        WriteOctet((byte)'\n');
    }

    /// <summary>Writes a header whose value is a number.</summary>
    public void Header(string name, long value)
    {
        Span<char> text = stackalloc char[20];
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        Header(name, text[..length]);
    }

    /// <summary>Writes a header whose value is <c>true</c> or <c>false</c>.</summary>
    public void Header(string name, bool value) => Header(name, value ? "true" : "false");

    /// <summary>Writes header lines that are encoded already.</summary>
    internal void Encoded(scoped ReadOnlySpan<byte> lines) => WriteOctets(lines);

    /// <summary>Ends a frame that has no body.</summary>
    public void End() => End([]);

    /// <summary>Ends the frame with its body, before it <c>content-length</c> unless it is empty.</summary>
    public void End(scoped ReadOnlySpan<byte> body)
    {
        if (!body.IsEmpty)
        {
            WriteOctets("content-length:"u8);
            Span<byte> digits = stackalloc byte[10];
            body.Length.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
            WriteOctets(digits[..length]);
            WriteOctet((byte)'\n');
        }
        WriteOctet((byte)'\n');
        WriteOctets(body);
        WriteOctets("\0\n"u8);
        Flush();
    }

    /// <summary>Hands to the output what was written; for a part of a frame that somebody else ends.</summary>
    internal void Flush()
    {
        _output.Advance(_written);
        _span = default;
        _written = 0;
    }

    private void WriteEscaped(scoped ReadOnlySpan<char> text)
    {
        for (var special = text.IndexOfAny(_special); special >= 0; special = text.IndexOfAny(_special))
        {
            WriteText(text[..special]);
            WriteOctet((byte)'\\');
            WriteOctet(StompHeaderEscaping.Code(text[special]));
            text = text[(special + 1)..];
        }
        WriteText(text);
    }

    private void WriteText(scoped ReadOnlySpan<char> text)
    {
        // Three octets a character are the most; only where that might not fit it is counted.
        if ((_span.Length - _written) / 3 < text.Length)
            Reserve(Encoding.UTF8.GetByteCount(text));
        _written += Encoding.UTF8.GetBytes(text, _span[_written..]);
    }

    private void WriteOctets(scoped ReadOnlySpan<byte> octets)
    {
        if (_span.Length - _written < octets.Length)
        {
            // In as many pieces as the output likes: a body may be megabytes.
            Flush();
            _output.Write(octets);
            return;
        }
        octets.CopyTo(_span[_written..]);
        _written += octets.Length;
    }

    private void WriteOctet(byte octet)
    {
        Reserve(1);
        _span[_written++] = octet;
    }

    private void Reserve(int size)
    {
        if (_span.Length - _written >= size)
            return;
        _output.Advance(_written);
        _written = 0;
        _span = _output.GetSpan(size);
    }
}
