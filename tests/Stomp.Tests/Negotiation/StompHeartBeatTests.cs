using NotifyOrleans.Stomp.Negotiation;
using NotifyOrleans.Stomp.Tests.Vectors;

namespace NotifyOrleans.Stomp.Tests.Negotiation;

public sealed class StompHeartBeatTests
{
    public static TheoryData<string> Vectors => HeartBeatVector.File.Names;

    [Theory, MemberData(nameof(Vectors))]
    public void Answer_AsVector(string name)
    {
        var vector = HeartBeatVector.File[name];
        var answer = StompHeartBeat.TryParse(vector.Header, out var heartBeat) ? heartBeat.Answer().ToString() : null;
        Assert.Equal(vector.Answer, answer);
    }
}
