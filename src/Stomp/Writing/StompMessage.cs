using System.Buffers;
using System.Text.Unicode;

namespace NotifyOrleans.Stomp.Writing;

/// <summary>
/// A MESSAGE encoded once for all its subscriptions: they differ in <see cref="StompMessageHead"/> only. Immutable, may be shared by threads.
/// </summary>
/// <remarks>
/// A frame is <see cref="WriteHead"/>'s bytes, then <see cref="Tail"/>; who needs the length first writes the head aside and adds <c>Tail.Length</c>.
/// 1.1 and 1.2 are written alike, so two encodings (1.0 and these) serve all sessions.
/// </remarks>
public sealed class StompMessage
{
    private readonly StompVersion _version;
    private readonly byte[] _destination;

    private StompMessage(StompVersion version, byte[] destination, ReadOnlyMemory<byte> tail, bool isText)
    {
        _version = version;
        _destination = destination;
        Tail = tail;
        IsText = isText;
    }

    /// <summary>What all subscriptions share: the AMQP headers and properties, <c>content-length</c>, the body, NUL and LF.</summary>
    public ReadOnlyMemory<byte> Tail { get; }

    /// <summary>Whether the whole frame is valid UTF-8 and so can be a text message of WebSocket.</summary>
    public bool IsText { get; }

    /// <summary>Encodes what all subscriptions share.</summary>
    /// <param name="version">The version of the sessions.</param>
    /// <param name="destination">Header <c>destination</c>.</param>
    /// <param name="headers">The AMQP headers and properties, in order; a <c>content-length</c> among them is left out.</param>
    /// <param name="body">The body.</param>
    public static StompMessage Encode(StompVersion version, string destination, ReadOnlySpan<StompHeader> headers, ReadOnlySpan<byte> body)
    {
        // Exact when nothing is escaped and all is ASCII.
        var size = body.Length + 32;
        foreach (var header in headers)
            size += header.Name.Length + header.Value.Length + 2;
        var output = new ArrayBufferWriter<byte>(size);
        var tail = StompFrameWriter.Continue(output, version);
        foreach (var header in headers)
            tail.Header(header.Name, header.Value);
        tail.End(body);
        return new StompMessage(version, EncodeDestination(version, destination), output.WrittenMemory, Utf8.IsValid(body));
    }

    /// <summary>Writes the frame for one subscription.</summary>
    public void Write(IBufferWriter<byte> output, in StompMessageHead head)
    {
        WriteHead(output, head);
        output.Write(Tail.Span);
    }

    /// <summary>Writes what comes before <see cref="Tail"/>: command, subscription, destination, message-id, redelivered, ack and ours.</summary>
    public void WriteHead(IBufferWriter<byte> output, in StompMessageHead head)
    {
        var frame = new StompFrameWriter(output, _version, StompCommands.Message);
        if (head.Subscription is not null)
            frame.Header(StompHeaderNames.Subscription, head.Subscription);
        frame.Encoded(_destination);
        frame.Header(StompHeaderNames.MessageId, head.MessageId);
        frame.Header(StompHeaderNames.Redelivered, head.Redelivered);
        if (head.Ack)
            frame.Header(StompHeaderNames.Ack, head.MessageId);
        if (!head.Offset.IsEmpty)
            frame.Header(StompHeaderNames.Offset, head.Offset);
        if (head.Dropped > 0)
            frame.Header(StompHeaderNames.Dropped, head.Dropped);
        frame.Flush();
    }

    private static byte[] EncodeDestination(StompVersion version, string destination)
    {
        var output = new ArrayBufferWriter<byte>(destination.Length + 16);
        var line = StompFrameWriter.Continue(output, version);
        line.Header(StompHeaderNames.Destination, destination);
        line.Flush();
        return output.WrittenSpan.ToArray();
    }
}
