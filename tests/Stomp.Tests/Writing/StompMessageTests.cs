using System.Buffers;
using System.Text.Unicode;
using NotifyOrleans.Stomp.Tests.Vectors;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Stomp.Tests.Writing;

public sealed class StompMessageTests
{
    public static TheoryData<string> Vectors => MessageVector.File.Names;

    [Theory, MemberData(nameof(Vectors))]
    public void Write_AsVector(string name)
    {
        var vector = MessageVector.File[name];
        var output = new ArrayBufferWriter<byte>();
        Encode(vector).Write(output, Head(vector));
        Assert.Equal(vector.Wire.Bytes, output.WrittenSpan);
    }

    [Theory, MemberData(nameof(Vectors))]
    public void HeadAndTail_AreTheFrame(string name)
    {
        var vector = MessageVector.File[name];
        var message = Encode(vector);
        var output = new StingyBufferWriter();
        message.WriteHead(output, Head(vector));
        Assert.Equal(vector.Wire.Bytes, output.Written.Concat(message.Tail.ToArray()));
    }

    [Theory, MemberData(nameof(Vectors))]
    public void IsText_TellsWhetherTheFrameIsUtf8(string name)
    {
        var vector = MessageVector.File[name];
        var message = Encode(vector);
        Assert.Equal(!vector.Binary, message.IsText);
        Assert.Equal(Utf8.IsValid(vector.Wire.Bytes), message.IsText);
    }

    [Fact]
    public void Write_TwoSubscriptions_ShareTheTail()
    {
        var message = StompMessage.Encode(StompVersion.V12, "/topic/a", [new StompHeader("x", "y")], "body"u8);
        var output = new ArrayBufferWriter<byte>();
        message.Write(
            output,
            new StompMessageHead
            {
                Subscription = "1",
                MessageId = "m1",
                Redelivered = false,
            }
        );
        message.Write(
            output,
            new StompMessageHead
            {
                Subscription = "2",
                MessageId = "m2",
                Redelivered = true,
                Ack = true,
            }
        );
        Assert.Equal(
            "MESSAGE\nsubscription:1\ndestination:/topic/a\nmessage-id:m1\nredelivered:false\nx:y\ncontent-length:4\n\nbody\0\n"
                + "MESSAGE\nsubscription:2\ndestination:/topic/a\nmessage-id:m2\nredelivered:true\nack:m2\nx:y\ncontent-length:4\n\nbody\0\n",
            new Wire(output.WrittenSpan.ToArray()).Text
        );
    }

    [Fact]
    public void Encode_LaterChangeOfTheBody_DoesNotMatter()
    {
        var body = "body"u8.ToArray();
        var message = StompMessage.Encode(StompVersion.V12, "/topic/a", [], body);
        body[0] = (byte)'x';
        Assert.Equal("content-length:4\n\nbody\0\n"u8, message.Tail.Span);
    }

    [Fact]
    public void Write_IntoRoom_AllocatesNothing()
    {
        var message = StompMessage.Encode(StompVersion.V12, "/topic/a", [new StompHeader("x", "y")], "body"u8);
        var output = new ArrayBufferWriter<byte>(4096);
        Write();
        output.ResetWrittenCount();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Write() =>
            message.Write(
                output,
                new StompMessageHead
                {
                    Subscription = "1",
                    MessageId = "m1",
                    Redelivered = false,
                    Offset = "1-2",
                    Dropped = 3,
                }
            );
    }

    private static StompMessage Encode(MessageVector vector) =>
        StompMessage.Encode(
            vector.Version,
            vector.Destination,
            [.. (vector.Headers ?? []).Select(header => new StompHeader(header[0], header[1]))],
            vector.Body?.Bytes
        );

    private static StompMessageHead Head(MessageVector vector) =>
        new()
        {
            Subscription = vector.Subscription,
            MessageId = vector.MessageId,
            Redelivered = vector.Redelivered,
            Ack = vector.Ack,
            Offset = vector.Offset,
            Dropped = vector.Dropped,
        };
}
