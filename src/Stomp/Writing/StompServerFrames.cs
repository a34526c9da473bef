using System.Buffers;
using System.Globalization;
using System.Text;
using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Stomp.Writing;

/// <summary>The frames of a server, with the headers and their order of RabbitMQ's Web STOMP. MESSAGE: <see cref="StompMessage"/>.</summary>
public static class StompServerFrames
{
    /// <summary>A heart-beat. A WebSocket message must hold exactly this: webstomp-client knows no other.</summary>
    public static ReadOnlySpan<byte> HeartBeat => "\n"u8;

    /// <summary>Writes CONNECTED.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="version">The version that was negotiated.</param>
    /// <param name="server">Name and version of the server, <c>name/version</c>; null hides it.</param>
    /// <param name="session">Id of the session.</param>
    /// <param name="heartBeat">The answer to the client's <c>heart-beat</c>.</param>
    public static void WriteConnected(IBufferWriter<byte> output, StompVersion version, string? server, string session, StompHeartBeat heartBeat)
    {
        var frame = new StompFrameWriter(output, version, StompCommands.Connected);
        if (server is not null)
            frame.Header(StompHeaderNames.Server, server);
        frame.Header(StompHeaderNames.Session, session);
        frame.Header(StompHeaderNames.HeartBeat, heartBeat.ToString());
        frame.Header(StompHeaderNames.Version, StompVersions.Name(version));
        frame.End();
    }

    /// <summary>Writes the RECEIPT of a frame.</summary>
    public static void WriteReceipt(IBufferWriter<byte> output, StompVersion version, string receiptId)
    {
        var frame = new StompFrameWriter(output, version, StompCommands.Receipt);
        frame.Header(StompHeaderNames.ReceiptId, receiptId);
        frame.End();
    }

    /// <summary>Writes ERROR.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="version">The session's version; before login 1.2.</param>
    /// <param name="message">Short text, header <c>message</c>.</param>
    /// <param name="body">The explanation.</param>
    /// <param name="subscription">The subscription that the server ended, if that is the error.</param>
    /// <param name="receiptId">The <c>receipt</c> of the frame that caused it (STOMP 1.2, "ERROR"; the reference leaves it out).</param>
    /// <param name="retryAfter">Milliseconds that the client is asked to wait before it connects again.</param>
    public static void WriteError(
        IBufferWriter<byte> output,
        StompVersion version,
        string message,
        string body,
        string? subscription = null,
        string? receiptId = null,
        int? retryAfter = null
    )
    {
        var frame = new StompFrameWriter(output, version, StompCommands.Error);
        frame.Header(StompHeaderNames.Message, message);
        frame.Header(StompHeaderNames.ContentType, "text/plain");
        frame.Header(StompHeaderNames.Version, StompVersions.Supported);
        if (subscription is not null)
            frame.Header(StompHeaderNames.Subscription, subscription);
        if (receiptId is not null)
            frame.Header(StompHeaderNames.ReceiptId, receiptId);
        if (retryAfter is { } milliseconds)
            frame.Header(StompHeaderNames.RetryAfter, milliseconds.ToString(CultureInfo.InvariantCulture));
        frame.End(Encoding.UTF8.GetBytes(body));
    }
}
