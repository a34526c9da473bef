using System.Text.RegularExpressions;
using NotifyOrleans.Stomp.Fuzz;
using NotifyOrleans.Stomp.Negotiation;
using NotifyOrleans.Stomp.Reading;
using NotifyOrleans.Stomp.Tests.Vectors;

namespace NotifyOrleans.Stomp.Tests.Reference;

/// <summary>The vectors and random streams against RabbitMQ's own codec: we agree, but where a vector says why not.</summary>
public sealed class ReferenceTests
{
    private static readonly StompLimits Unlimited = new()
    {
        MaxFrameBytes = int.MaxValue,
        MaxHeaders = int.MaxValue,
        MaxHeaderLineBytes = int.MaxValue,
        MaxCommandBytes = int.MaxValue,
    };

    [Fact]
    public void ReadVectors_AgreeButWhereTheySay()
    {
        // Not the megabytes of the default limits: its parser takes seconds for each.
        var vectors = ReadVector.File.Rows.Values.Where(vector => vector.Wire.Bytes.Length < 100_000).ToList();
        var answers = ReferenceCodec.Run(vectors.Select(vector => ReadJob(vector.Version, vector.Wire.Bytes)));
        Agree(vectors, vector => vector.Name, vector => Answer(vector.Expected), vector => vector.Reference, answers);
    }

    [Fact]
    public void WriteVectors_AgreeButWhereTheySay()
    {
        var vectors = WriteVector.File.Rows.Values;
        var answers = ReferenceCodec.Run(vectors.Select(vector => $"write {ReferenceCodec.Line(vector.Frame.Frame)}"));
        Agree(vectors, vector => vector.Name, vector => ReferenceCodec.Hex(vector.Wire.Bytes), vector => vector.Reference, answers);
    }

    [Fact]
    public void AcceptVersionVectors_Agree()
    {
        var vectors = AcceptVersionVector.File.Rows.Values.Where(vector => vector.Header is not null).ToList();
        var answers = ReferenceCodec.Run(vectors.Select(vector => $"version {ReferenceCodec.Hex(vector.Header!)}"));
        Agree(vectors, vector => vector.Header!, vector => vector.Version ?? "none", _ => null, answers);
    }

    [Fact]
    public void HeartBeatVectors_AgreeButWhereTheySay()
    {
        var vectors = HeartBeatVector.File.Rows.Values.Where(vector => vector.Header is not null).ToList();
        var answers = ReferenceCodec.Run(vectors.Select(vector => $"heartbeat {ReferenceCodec.Hex(vector.Header!)}"));
        Agree(vectors, vector => vector.Header!, vector => vector.Answer ?? "none", vector => vector.Reference, answers);
    }

    [Fact]
    public void RandomStreams_Agree()
    {
        // The same streams in each run: new ones are the fuzz target's work.
        const int seed = 1582238911;
        var mutator = new StreamMutator(
            [.. ReadVector.File.Rows.Values.Select(vector => vector.Wire.Bytes).Where(bytes => bytes.Length is > 0 and < 500)],
            seed
        );
        // We find a fault of a line at its end, the reference on the way there: so each ends with a line end.
        var streams = Enumerable.Range(0, 10_000).Select(_ => mutator.Next().Append((byte)'\n').ToArray()).ToList();
        var answers = ReferenceCodec.Run(streams.Select((stream, i) => ReadJob((StompVersion)(i % 3), stream)));
        Assert.Equal(streams.Count, answers.Length);
        var compared = 0;
        for (var i = 0; i < streams.Count; i++)
        {
            var reading = StreamReading.Of(streams[i], [], (StompVersion)(i % 3), Unlimited);
            if (IsOurOwn(reading, streams[i]))
                continue;
            compared++;
            var answer = Answer(reading);
            Assert.True(answer == Ending(answers[i]), $"Seed {seed}, stream {i}, {Convert.ToHexString(streams[i])}: {answer}, reference {answers[i]}");
        }
        // Most: else what is left out has eaten the test.
        Assert.InRange(compared, streams.Count / 2, streams.Count);
    }

    /// <summary>Where we differ by decision: headers that are no UTF-8, content-length with a sign, and on MESSAGE and ERROR.</summary>
    private static bool IsOurOwn(StreamReading reading, ReadOnlySpan<byte> stream) =>
        reading.Fault is StompFault.InvalidUtf8 or StompFault.BadContentLength or StompFault.FrameTooLarge
        || stream.IndexOf("MESSAGE"u8) >= 0
        || stream.IndexOf("ERROR"u8) >= 0;

    private static string ReadJob(StompVersion version, byte[] stream) => $"read {StompVersions.Name(version)} {ReferenceCodec.Hex(stream)}";

    private static string Answer(StreamReading reading) =>
        string.Join(' ', [.. reading.Frames.Select(ReferenceCodec.Line), reading.Fault == StompFault.None ? "more" : "fault"]);

    /// <summary>The reference closes upon an error, and crashes upon the rest.</summary>
    private static string Ending(string answer) => Regex.Replace(answer, "(error|crash)$", "fault");

    private static void Agree<TVector>(
        IReadOnlyCollection<TVector> vectors,
        Func<TVector, string> name,
        Func<TVector, string> ours,
        Func<TVector, string?> difference,
        string[] answers
    )
    {
        Assert.Equal(vectors.Count, answers.Length);
        var wrong = vectors
            .Zip(answers, (vector, answer) => (Name: name(vector), Same: ours(vector) == Ending(answer), Difference: difference(vector)))
            .Where(row => row.Same != row.Difference is null)
            .Select(row => row.Same ? $"{row.Name}: agrees, but the vector says that the reference {row.Difference}" : $"{row.Name}: the reference differs");
        Assert.Empty(wrong);
    }
}
