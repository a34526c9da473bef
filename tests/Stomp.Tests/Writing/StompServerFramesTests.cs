using System.Buffers;
using NotifyOrleans.Stomp.Negotiation;
using NotifyOrleans.Stomp.Tests.Vectors;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Stomp.Tests.Writing;

public sealed class StompServerFramesTests
{
    public static TheoryData<string> Vectors => ServerFrameVector.File.Names;

    [Theory, MemberData(nameof(Vectors))]
    public void Write_AsVector(string name)
    {
        var vector = ServerFrameVector.File[name];
        var output = new ArrayBufferWriter<byte>();
        switch (vector.Kind)
        {
            case "connected":
                Assert.True(StompHeartBeat.TryParse(vector.HeartBeat, out var heartBeat));
                StompServerFrames.WriteConnected(output, vector.Version, vector.Server, vector.Session!, heartBeat);
                break;
            case "receipt":
                StompServerFrames.WriteReceipt(output, vector.Version, vector.ReceiptId!);
                break;
            case "error":
                StompServerFrames.WriteError(output, vector.Version, vector.Message!, vector.Body!, vector.Subscription, vector.ReceiptId);
                break;
            default:
                Assert.Fail($"No such frame: {vector.Kind}");
                break;
        }
        Assert.Equal(vector.Wire.Text, new Wire(output.WrittenSpan.ToArray()).Text);
    }

    [Fact]
    public void HeartBeat_IsOneLineFeed() => Assert.Equal("\n"u8, StompServerFrames.HeartBeat);
}
