using System.IO.Compression;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>A message's encoding for the sessions of one version. Two threads may compress it both; that is no harm.</summary>
/// <param name="message">The encoding.</param>
/// <param name="isShared">Whether many subscriptions get it.</param>
internal sealed class EncodedMessage(StompMessage message, bool isShared)
{
    /// <summary>What ends a flushed stream of deflate blocks, and is left out of a message (RFC 7692, 7.2.1).</summary>
    private const int FlushMark = 4;

    private byte[]? _deflated;

    public StompMessage Message => message;

    /// <summary>Whether it is worth while to compress it once for all.</summary>
    public bool IsShared => isShared;

    /// <summary>The tail as deflate blocks of its own (RFC 1951), which refer to nothing before them.</summary>
    public ReadOnlySpan<byte> Deflated => _deflated ??= Deflate(message.Tail.Span);

    private static byte[] Deflate(ReadOnlySpan<byte> bytes)
    {
        using var blocks = new MemoryStream();
        using var stream = new DeflateStream(blocks, CompressionLevel.Optimal, leaveOpen: true);
        stream.Write(bytes);
        stream.Flush();
        return blocks.GetBuffer()[..(int)(blocks.Length - FlushMark)];
    }
}
