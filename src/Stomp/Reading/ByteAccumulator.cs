namespace NotifyOrleans.Stomp.Reading;

/// <summary>
/// Keeps the pieces of a line or body until it is whole. It grows with what has come, not with what was announced, and keeps no memory when empty.
/// </summary>
internal sealed class ByteAccumulator
{
    /// <summary>Bytes of the first buffer: most of what comes in pieces is a header line.</summary>
    private const int FirstCapacity = 256;

    private byte[] _bytes = [];

    public int Length { get; private set; }

    /// <param name="piece">What to append.</param>
    /// <param name="maxLength">The most that the whole can come to; the buffer does not grow beyond it.</param>
    public void Append(ReadOnlySpan<byte> piece, int maxLength)
    {
        if (piece.IsEmpty)
            return;
        var length = Length + piece.Length;
        if (length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(length, (int)Math.Min(Math.Max(2L * _bytes.Length, FirstCapacity), maxLength)));
        piece.CopyTo(_bytes.AsSpan(Length));
        Length = length;
    }

    /// <summary>The whole, which the caller may look at until the next call; empties this.</summary>
    public ReadOnlySpan<byte> Take()
    {
        var whole = _bytes.AsSpan(0, Length);
        Clear();
        return whole;
    }

    /// <summary>The whole with its last piece, which the caller owns; empties this.</summary>
    public ReadOnlyMemory<byte> TakeOwned(ReadOnlySpan<byte> last)
    {
        if (Length == 0)
            return last.ToArray();
        Append(last, Length + last.Length);
        var whole = _bytes.AsMemory(0, Length);
        Clear();
        return whole;
    }

    public void Clear()
    {
        _bytes = [];
        Length = 0;
    }
}
