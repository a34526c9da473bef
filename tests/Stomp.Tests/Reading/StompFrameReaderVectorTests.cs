using NotifyOrleans.Stomp.Tests.Vectors;

namespace NotifyOrleans.Stomp.Tests.Reading;

public sealed class StompFrameReaderVectorTests
{
    /// <summary>Bytes of the longest stream that is cut in two at each place.</summary>
    private const int LongestToCutEverywhere = 3000;

    /// <summary>Bytes of the longest stream that is read octet by octet.</summary>
    private const int LongestInOctets = 100_000;

    public static TheoryData<string> Vectors => ReadVector.File.Names;

    [Theory, MemberData(nameof(Vectors))]
    public void Read_AtOnce_AsVector(string name) => AsExpected(name, []);

    [Theory, MemberData(nameof(Vectors))]
    public void Read_InPieces_AsVector(string name)
    {
        var length = ReadVector.File[name].Wire.Bytes.Length;
        var size = length <= LongestInOctets ? 1 : 61;
        AsExpected(name, Enumerable.Range(1, Math.Max(0, (length - 1) / size)).Select(piece => piece * size));
    }

    [Theory, MemberData(nameof(Vectors))]
    public void Read_CutInTwo_AsVector(string name)
    {
        var length = ReadVector.File[name].Wire.Bytes.Length;
        for (var cut = 1; cut < length; cut += length <= LongestToCutEverywhere ? 1 : length / 7)
            AsExpected(name, [cut]);
    }

    private static void AsExpected(string name, IEnumerable<int> cuts)
    {
        var vector = ReadVector.File[name];
        Assert.Null(vector.Read(cuts).DifferenceFrom(vector.Expected));
    }
}
