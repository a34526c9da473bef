using System.Text;
using CsCheck;
using NotifyOrleans.Stomp.Fuzz;
using NotifyOrleans.Stomp.Reading;
using NotifyOrleans.Stomp.Tests.Writing;

namespace NotifyOrleans.Stomp.Tests.Reading;

public sealed class StompFrameReaderProperties
{
    /// <summary>Text of all sorts, with much of what has a meaning in a header; no lone surrogates, which are no UTF-8.</summary>
    private static readonly Gen<string> Text = Gen.OneOf<string>(
            Gen.OneOf("\n", "\r", ":", "\\", " ", "\\n", "\r\n", "\0", "a", "-", "ž", "漢", "😀"),
            Gen.Char[' ', '~'].Select(character => character.ToString())
        )
        .Array[0, 12]
        .Select(string.Concat);

    private static readonly Gen<StompFrame> Frame = Gen.Select(
        Gen.OneOf(StompCommands.Send, StompCommands.Message, StompCommands.Error, StompCommands.Ack, StompCommands.Connect, "FOO"),
        Gen.Select(Text, Text, (name, value) => new StompHeader(name, value)).Array[0, 8],
        Gen.Byte.Array[0, 64],
        (command, headers, body) => new StompFrame(command, [.. WithoutLength(headers)], MayHoldNul(command) ? body : [])
    );

    /// <summary>What may stand between frames.</summary>
    private static readonly Gen<byte[]> Noise = Gen.OneOf("", "\n", "\r\n", "\0", "\n\n\0\r\n").Select(Encoding.UTF8.GetBytes);

    /// <summary>Octets with much of what has a meaning.</summary>
    private static readonly Gen<byte[]> Stream = Gen.OneOf<byte[]>(
            Gen.Byte.Select(octet => new[] { octet }),
            Gen.OneOf("\n", "\r\n", "\r", "\0", ":", "\\", "\\c", "SEND\n", "CONNECT\n", "a:b\n", "content-length:2\n", "\n\n", "\0\n", "ž")
                .Select(Encoding.UTF8.GetBytes)
        )
        .Array[0, 40]
        .Select(parts => parts.SelectMany(part => part).ToArray());

    [Fact]
    public void Read_WrittenFramesInAnyPieces_TheSameFrames() =>
        Gen.Select(Gen.Enum<StompVersion>().Where(version => version != StompVersion.V10), Gen.Select(Frame, Noise).Array[1, 5], Gen.Int[1, 50].Array[0, 40])
            .Sample(
                (version, frames, steps) =>
                {
                    var stream = frames.SelectMany(pair => Frames.Write(pair.Item1, version).Concat(pair.Item2)).ToArray();
                    var reading = StreamReading.Of(stream, Cuts(steps, stream.Length), version, StompLimits.Default);
                    var expected = new StreamReading([.. frames.Select(pair => AsRead(pair.Item1))], StompReadStatus.HeartBeat, StompFault.None);
                    Assert.Null(reading.DifferenceFrom(expected));
                },
                iter: 10_000
            );

    [Fact]
    public void Read_AnyOctets_NothingThatTheFuzzTargetFinds() =>
        Gen.Select(Gen.Byte, Gen.Byte, Stream).Sample((version, split, stream) => StompFuzzTarget.Run([version, split, .. stream]), iter: 10_000);

    [Fact]
    public void Read_AnyOctets_AllocatesInProportion()
    {
        // What the first frame of a process costs does not count.
        AllocatedBy("SEND\na:\\c\n\n\0"u8);
        // A frame of a few octets costs a few objects; an escape rents a buffer once per thread.
        Stream.Sample(stream => Assert.InRange(AllocatedBy(stream), 0, 4096 + (200 * stream.Length)), iter: 10_000);
    }

    private static long AllocatedBy(ReadOnlySpan<byte> stream)
    {
        var reader = new StompFrameReader();
        var before = GC.GetAllocatedBytesForCurrentThread();
        while (!stream.IsEmpty && reader.Fault == StompFault.None)
            reader.Read(ref stream, StompVersion.V12, StompLimits.Default, out _);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static IEnumerable<int> Cuts(int[] steps, int length)
    {
        var cut = 0;
        foreach (var step in steps)
        {
            cut += step;
            if (cut >= length)
                yield break;
            yield return cut;
        }
    }

    private static IEnumerable<StompHeader> WithoutLength(StompHeader[] headers) => headers.Where(header => header.Name != StompHeaderNames.ContentLength);

    private static bool MayHoldNul(string command) => command is StompCommands.Send or StompCommands.Message or StompCommands.Error;

    /// <summary>The first of each header, the length of the body, and in a CONNECT, which is of 1.0 here, no blanks.</summary>
    private static StompFrame AsRead(StompFrame frame)
    {
        var headers = frame.Headers.DistinctBy(header => header.Name);
        if (frame.Command == StompCommands.Connect)
            headers = headers.Select(header => header with { Value = header.Value.TrimStart(' ') });
        if (!frame.Body.IsEmpty)
            headers = headers.Append(new StompHeader(StompHeaderNames.ContentLength, frame.Body.Length.ToString()));
        return new StompFrame(frame.Command, [.. headers], frame.Body);
    }
}
