using System.Text;

namespace NotifyOrleans.Silo.Outbox.Rows;

/// <summary>Reads what <see cref="BufferWriterExtensions"/> wrote; <see cref="InvalidDataException"/> when that cannot be what is there.</summary>
internal ref struct RowReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>What is not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte ReadByte() => Take(1)[0];

    public long ReadInt64()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = ReadByte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return (long)value;
        }
        throw new InvalidDataException("a number does not end");
    }

    /// <summary>A number of things of at least a byte each.</summary>
    public int ReadCount()
    {
        var count = ReadInt64();
        return count >= 0 && count <= _rest.Length ? (int)count : throw new InvalidDataException("a length points past the end");
    }

    public ReadOnlySpan<byte> ReadBytes() => Take(ReadCount());

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    public readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty)
            throw new InvalidDataException("it is longer than what it holds");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw new InvalidDataException("it ends too soon");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
