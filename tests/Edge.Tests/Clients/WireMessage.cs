using System.Text;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Reading;

namespace NotifyOrleans.Edge.Tests.Clients;

/// <summary>One WebSocket message from the edge: a heart-beat, or one frame and its line feed, and nothing else.</summary>
/// <param name="Frame">The frame; null for a heart-beat.</param>
/// <param name="IsText">Whether it was a text message.</param>
/// <param name="Text">Its bytes as text.</param>
public sealed record WireMessage(StompFrame? Frame, bool IsText, string Text)
{
    public static WireMessage Of(ReadOnlySpan<byte> bytes, bool isText)
    {
        var text = Encoding.UTF8.GetString(bytes);
        if (bytes.SequenceEqual("\n"u8))
            return new WireMessage(null, isText, text);
        var rest = bytes;
        Assert.Equal(StompReadStatus.Frame, new StompFrameReader().Read(ref rest, StompVersion.V12, StompLimits.Default, out var frame));
        Assert.True(rest.SequenceEqual("\n"u8), $"More than one frame in a message: {text}");
        return new WireMessage(frame, isText, text);
    }
}
