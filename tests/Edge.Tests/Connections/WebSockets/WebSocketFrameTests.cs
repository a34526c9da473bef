using NotifyOrleans.Edge.Connections.WebSockets;

namespace NotifyOrleans.Edge.Tests.Connections.WebSockets;

/// <summary>The frames that the edge makes itself, as RFC 6455, 5.2 and 5.7 have them.</summary>
public sealed class WebSocketFrameTests
{
    [Theory]
    [InlineData(0, true, "8100")]
    [InlineData(5, true, "8105")]
    [InlineData(125, false, "827D")]
    [InlineData(126, true, "817E007E")]
    [InlineData(256, false, "827E0100")]
    [InlineData(65535, true, "817EFFFF")]
    [InlineData(65536, false, "827F0000000000010000")]
    public void Header_SaysWhatFollows(int payload, bool isText, string expected)
    {
        var header = new byte[WebSocketFrame.HeaderLength(payload)];
        WebSocketFrame.WriteHeader(header, isText, isCompressed: false, payload);
        Assert.Equal(expected, Convert.ToHexString(header));
    }

    [Fact]
    public void StoredBlock_IsNotTheLastAndBearsItsLengthTwice()
    {
        var header = new byte[WebSocketFrame.StoredBlockHeader];
        WebSocketFrame.WriteStoredBlockHeader(header, 0x1234);
        Assert.Equal("003412CBED", Convert.ToHexString(header));
        var frame = new byte[2];
        WebSocketFrame.WriteHeader(frame, isText: true, isCompressed: true, 5);
        Assert.Equal("C105", Convert.ToHexString(frame));
    }

    [Fact]
    public void Ping_BearsItsNumber()
    {
        var ping = new byte[WebSocketFrame.NumberedPing];
        WebSocketFrame.WritePing(ping, 0x0102030405060708);
        Assert.Equal("89080102030405060708", Convert.ToHexString(ping));
    }
}
