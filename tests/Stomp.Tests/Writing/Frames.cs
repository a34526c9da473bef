using System.Buffers;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Stomp.Tests.Writing;

/// <summary>Frames as bytes.</summary>
internal static class Frames
{
    public static byte[] Write(StompFrame frame, StompVersion version)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, frame, version);
        return output.WrittenSpan.ToArray();
    }

    public static void Write(IBufferWriter<byte> output, StompFrame frame, StompVersion version)
    {
        var writer = new StompFrameWriter(output, version, frame.Command);
        foreach (var header in frame.Headers)
            writer.Header(header.Name, header.Value);
        writer.End(frame.Body.Span);
    }
}
