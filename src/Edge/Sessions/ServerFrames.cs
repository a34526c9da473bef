using System.Buffers;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Negotiation;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>The frames of the edge that are no messages, encoded.</summary>
internal static class ServerFrames
{
    public static byte[] Connected(StompVersion version, string session, StompHeartBeat heartBeat)
    {
        var frame = new ArrayBufferWriter<byte>();
        StompServerFrames.WriteConnected(frame, version, ServerName.Value, session, heartBeat);
        return frame.WrittenSpan.ToArray();
    }

    public static byte[] Receipt(StompVersion version, string receiptId)
    {
        var frame = new ArrayBufferWriter<byte>();
        StompServerFrames.WriteReceipt(frame, version, receiptId);
        return frame.WrittenSpan.ToArray();
    }

    public static byte[] Error(StompVersion version, StompError error, string? receiptId)
    {
        var frame = new ArrayBufferWriter<byte>();
        StompServerFrames.WriteError(frame, version, error.Message, error.Body, error.Subscription, receiptId, retryAfter: error.RetryAfter);
        return frame.WrittenSpan.ToArray();
    }
}
