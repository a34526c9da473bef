using System.Buffers;
using System.Text;
using NotifyOrleans.Stomp.Reading;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Stomp.Fuzz;

/// <summary>
/// What must hold for any bytes that a client sends. Input: one byte for version and limits, one for the splits, then the stream.
/// Whatever is thrown is a finding.
/// </summary>
public static class StompFuzzTarget
{
    private static readonly StompLimits Small = new()
    {
        MaxFrameBytes = 96,
        MaxHeaders = 3,
        MaxHeaderLineBytes = 24,
        MaxCommandBytes = 12,
    };

    /// <summary>Escaping at most doubles what was read.</summary>
    private static readonly StompLimits Unlimited = new()
    {
        MaxFrameBytes = int.MaxValue,
        MaxHeaders = int.MaxValue,
        MaxHeaderLineBytes = int.MaxValue,
        MaxCommandBytes = int.MaxValue,
    };

    /// <summary>Checks one input.</summary>
    /// <exception cref="InvalidOperationException">Something does not hold.</exception>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
            return;
        var version = (StompVersion)(input[0] % 3);
        var limits = (input[0] & 0x80) != 0 ? Small : StompLimits.Default;
        var splits = new Random(input[1]);
        var stream = input[2..].ToArray();

        var whole = StreamReading.Of(stream, [], version, limits);
        Same(whole, StreamReading.Of(stream, Enumerable.Range(1, Math.Max(0, stream.Length - 1)), version, limits), "octet by octet");
        Same(whole, StreamReading.Of(stream, Cuts(stream.Length, splits), version, limits), "in pieces");
        foreach (var frame in whole.Frames)
        {
            WithinLimits(frame, limits);
            SameWhenWrittenAndRead(frame);
        }
    }

    private static IEnumerable<int> Cuts(int length, Random random)
    {
        for (var cut = random.Next(1, 40); cut < length; cut += random.Next(1, 40))
            yield return cut;
    }

    private static void Same(StreamReading whole, StreamReading split, string how)
    {
        if (whole.DifferenceFrom(split) is { } difference)
            throw new InvalidOperationException($"Read {how}: {difference}");
    }

    private static void WithinLimits(StompFrame frame, StompLimits limits)
    {
        var headerBytes = frame.Headers.Sum(header => Encoding.UTF8.GetByteCount(header.Name) + Encoding.UTF8.GetByteCount(header.Value) + 2);
        if (
            frame.Headers.Length > limits.MaxHeaders
            || Encoding.UTF8.GetByteCount(frame.Command) > limits.MaxCommandBytes
            || headerBytes + frame.Body.Length > limits.MaxFrameBytes
        )
            throw new InvalidOperationException($"{frame.Command} exceeds a limit");
        if (frame.Headers.Select(header => header.Name).Distinct().Count() != frame.Headers.Length)
            throw new InvalidOperationException($"{frame.Command} has a header twice");
    }

    private static void SameWhenWrittenAndRead(StompFrame frame)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new StompFrameWriter(output, StompVersion.V12, frame.Command);
        foreach (var header in frame.Headers)
            writer.Header(header.Name, header.Value);
        writer.End(frame.Body.Span);

        var read = StreamReading.Of(output.WrittenMemory, [], StompVersion.V12, Unlimited);
        // content-length is the writer's own: it may be new, go, or change its place and its blanks.
        var expected = new StreamReading([WithoutLength(frame)], StompReadStatus.HeartBeat, StompFault.None);
        Same(expected, read with { Frames = [.. read.Frames.Select(WithoutLength)] }, "what was written of it");
    }

    private static StompFrame WithoutLength(StompFrame frame) =>
        new(frame.Command, frame.Headers.RemoveAll(header => header.Name == StompHeaderNames.ContentLength), frame.Body);
}
