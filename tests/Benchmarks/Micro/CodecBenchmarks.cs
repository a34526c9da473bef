using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Reading;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Benchmarks.Micro;

/// <summary>STOMP frames: what a message costs to write, once for all and for each subscription, and what an ACK costs to read.</summary>
public class CodecBenchmarks
{
    private static readonly StompHeader[] Headers =
    [
        new("amqp-message-id", "0197f9f0-6c9e-7c5b-8a55-3f0a2d7f9d11"),
        new("persistent", "true"),
        new("content-type", "application/json"),
    ];

    private readonly byte[] _body = Encoding.UTF8.GetBytes(new string('x', 300));
    private readonly byte[] _ack = Encoding.UTF8.GetBytes("ACK\nid:T_0@@session-0123456789abcdef@@1234567\n\n\0\n");
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly StompFrameReader _reader = new();
    private StompMessage _message = null!;

    [GlobalSetup]
    public void Setup() => _message = Encode();

    /// <summary>What all subscriptions share.</summary>
    [Benchmark]
    public StompMessage Encode() => StompMessage.Encode(StompVersion.V12, "/exchange/notifications/user.alice", Headers, _body);

    /// <summary>The frame for one subscription.</summary>
    [Benchmark]
    public int Write()
    {
        _output.ResetWrittenCount();
        _message.Write(
            _output,
            new StompMessageHead
            {
                Subscription = "0",
                MessageId = "T_0@@session-0123456789abcdef@@1234567",
                Redelivered = false,
                Ack = true,
                Offset = "12-3456789",
            }
        );
        return _output.WrittenCount;
    }

    [Benchmark]
    public StompFrame? ReadAck()
    {
        ReadOnlySpan<byte> input = _ack;
        _reader.Read(ref input, StompVersion.V12, StompLimits.Default, out var frame);
        return frame;
    }
}
