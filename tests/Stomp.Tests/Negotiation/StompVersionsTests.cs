using NotifyOrleans.Stomp.Negotiation;
using NotifyOrleans.Stomp.Tests.Vectors;

namespace NotifyOrleans.Stomp.Tests.Negotiation;

public sealed class StompVersionsTests
{
    public static TheoryData<string> Vectors => AcceptVersionVector.File.Names;

    [Theory, MemberData(nameof(Vectors))]
    public void TryNegotiate_AsVector(string name)
    {
        var vector = AcceptVersionVector.File[name];
        var version = StompVersions.TryNegotiate(vector.Header, out var negotiated) ? StompVersions.Name(negotiated) : null;
        Assert.Equal(vector.Version, version);
    }
}
