using NotifyOrleans.Stomp.Fuzz;
using NotifyOrleans.Stomp.Reading;
using NotifyOrleans.Stomp.Tests.Vectors;

namespace NotifyOrleans.Stomp.Tests.Writing;

public sealed class StompFrameWriterVectorTests
{
    private static readonly StompLimits Limits = StompLimits.Default with { MaxHeaderLineBytes = 1_000_000 };

    public static TheoryData<string> Vectors => WriteVector.File.Names;

    [Theory, MemberData(nameof(Vectors))]
    public void Write_IntoRoom_AsVector(string name)
    {
        var vector = WriteVector.File[name];
        Assert.Equal(vector.Wire.Bytes, Frames.Write(vector.Frame.Frame, vector.Version));
    }

    [Theory, MemberData(nameof(Vectors))]
    public void Write_IntoSmallPieces_AsVector(string name)
    {
        var vector = WriteVector.File[name];
        for (var spare = 0; spare < 40; spare++)
        {
            var output = new StingyBufferWriter(spare);
            Frames.Write(output, vector.Frame.Frame, vector.Version);
            Assert.Equal(vector.Wire.Bytes, output.Written);
        }
    }

    [Theory, MemberData(nameof(Vectors))]
    public void Read_WhatIsWritten_TheSameFrame(string name)
    {
        var vector = WriteVector.File[name];
        var reading = StreamReading.Of(vector.Wire.Bytes, [], vector.Version, Limits);
        var expected = new StreamReading([vector.Frame.Frame], StompReadStatus.HeartBeat, StompFault.None);
        if (vector.WriteOnly)
            Assert.NotNull(reading.DifferenceFrom(expected));
        else
            Assert.Null(reading.DifferenceFrom(expected));
    }
}
