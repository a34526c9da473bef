using System.Buffers;
using NotifyOrleans.Edge.Connections.WebSockets;

namespace NotifyOrleans.Edge.Connections.Writing;

/// <summary>A buffer for one frame after another, with memory from the shared pool. There is room before the frame, for what carries it.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>Bytes that most frames fit into.</summary>
    private const int FirstSize = 2048;

    /// <summary>Bytes before the frame.</summary>
    private const int Room = WebSocketFrame.MaxHeader + WebSocketFrame.StoredBlockHeader;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstSize);
    private int _start = Room;
    private int _length = Room;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(_start.._length);

    /// <summary>Bytes that were written.</summary>
    public int Length => _length - _start;

    public void Clear() => _start = _length = Room;

    /// <summary>Puts bytes before those that were written: of each kind of header one.</summary>
    public Span<byte> Prepend(int count)
    {
        _start -= count;
        return _bytes.AsSpan(_start, count);
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _start = _length = 0;
    }

    private void Reserve(int sizeHint)
    {
        if (_bytes.Length - _length >= Math.Max(sizeHint, 1))
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, _length + sizeHint));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
