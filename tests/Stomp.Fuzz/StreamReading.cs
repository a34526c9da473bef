using System.Buffers;
using NotifyOrleans.Stomp.Reading;

namespace NotifyOrleans.Stomp.Fuzz;

/// <summary>All that a reader makes of a stream.</summary>
/// <param name="Frames">The frames.</param>
/// <param name="End">What the last read came to; <see cref="StompReadStatus.Frame"/> when the stream ends with a frame.</param>
/// <param name="Fault">The fault that ended it, or none.</param>
public sealed record StreamReading(IReadOnlyList<StompFrame> Frames, StompReadStatus End, StompFault Fault)
{
    /// <summary>Feeds the stream in pieces that end at the given offsets (rising), the last at the end of the stream.</summary>
    public static StreamReading Of(ReadOnlyMemory<byte> stream, IEnumerable<int> cuts, StompVersion version, StompLimits limits)
    {
        var reader = new StompFrameReader();
        var frames = new List<StompFrame>();
        var end = StompReadStatus.NeedMore;
        var start = 0;
        foreach (var cut in cuts.Append(stream.Length))
        {
            var piece = new ReadOnlySequence<byte>(stream[start..cut]);
            start = cut;
            while (!piece.IsEmpty && end != StompReadStatus.Fault)
            {
                end = reader.Read(ref piece, version, limits, out var frame);
                if ((end == StompReadStatus.Frame) != (frame is not null))
                    throw new InvalidOperationException($"{end} with frame {frame?.Command ?? "null"}");
                if (frame is not null)
                    frames.Add(frame);
                else if (end != StompReadStatus.Fault && !piece.IsEmpty)
                    throw new InvalidOperationException($"{end} left {piece.Length} bytes");
            }
        }
        if ((end == StompReadStatus.Fault) != (reader.Fault != StompFault.None))
            throw new InvalidOperationException($"{end} with fault {reader.Fault}");
        return new StreamReading(frames, end, reader.Fault);
    }

    /// <summary>What differs from another reading, or null.</summary>
    public string? DifferenceFrom(StreamReading other)
    {
        if (Frames.Count != other.Frames.Count)
            return $"{Frames.Count} frames, not {other.Frames.Count}";
        for (var i = 0; i < Frames.Count; i++)
        {
            if (Difference(Frames[i], other.Frames[i]) is { } difference)
                return $"frame {i}: {difference}";
        }
        return (End, Fault) == (other.End, other.Fault) ? null : $"ends with {End} {Fault}, not {other.End} {other.Fault}";
    }

    private static string? Difference(StompFrame left, StompFrame right)
    {
        if (left.Command != right.Command)
            return $"command {left.Command}, not {right.Command}";
        if (!left.Headers.SequenceEqual(right.Headers))
            return $"headers {string.Join(' ', left.Headers)}, not {string.Join(' ', right.Headers)}";
        return left.Body.Span.SequenceEqual(right.Body.Span) ? null : $"body {Convert.ToHexString(left.Body.Span)}, not {Convert.ToHexString(right.Body.Span)}";
    }
}
