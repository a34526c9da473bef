using System.Buffers;

namespace NotifyOrleans.Stomp.Tests.Writing;

/// <summary>Gives what it is asked for and as much more as it is told, and nothing that was there before.</summary>
internal sealed class StingyBufferWriter(int spare = 0) : IBufferWriter<byte>
{
    private readonly List<byte> _written = [];
    private byte[] _piece = [];

    public byte[] Written => [.. _written];

    public void Advance(int count)
    {
        _written.AddRange(_piece[..count]);
        _piece = [];
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _piece = Enumerable.Repeat((byte)0xEE, Math.Max(1, sizeHint) + spare).ToArray();

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
