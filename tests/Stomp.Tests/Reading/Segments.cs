using System.Buffers;
using System.Text;

namespace NotifyOrleans.Stomp.Tests.Reading;

/// <summary>A sequence of several segments, as a pipe gives it.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    private Segments(string text, Segments? previous)
    {
        Memory = Encoding.UTF8.GetBytes(text);
        if (previous is null)
            return;
        RunningIndex = previous.RunningIndex + previous.Memory.Length;
        previous.Next = this;
    }

    public static ReadOnlySequence<byte> Of(params string[] texts)
    {
        var first = new Segments(texts[0], null);
        var last = first;
        foreach (var text in texts.Skip(1))
            last = new Segments(text, last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
