using System.Buffers;
using System.Net.WebSockets;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Connections.Writing;
using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>
/// STOMP over WebSocket: one message for each frame that is sent; what comes may be split and joined in any way. What comes, pongs, the close, and compression
/// of what is for one client are the framework's; other messages get their header here, before their bytes in the same buffer. What many get is compressed
/// once: the head goes before it as a block that is not compressed.
/// </summary>
/// <param name="socket">The WebSocket.</param>
/// <param name="stream">What is beneath it.</param>
/// <param name="minCompressed">Bytes of a frame from which on it is compressed; none are when it was not agreed on.</param>
/// <param name="sharesCompressed">Whether the client takes what was compressed for all: it has not asked for a smaller window.</param>
internal sealed class WebSocketTransport(WebSocket socket, ProbingStream stream, int minCompressed, bool sharesCompressed) : ITransport
{
    /// <summary>From the framework's own close frame to the end of the connection: some round trips.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(500);

    private volatile bool _saidGoodbye;

    public string PeerAddress { get; init; } = PeerAddresses.None;

    public string? HostName { get; init; }

    public Credentials? Credentials { get; set; }

    public int? PeerCloseCode => stream.HasEnded ? null : (int?)socket.CloseStatus;

    public bool CanProbe => true;

    public Action<long>? Answered
    {
        set => stream.Answered = value;
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                    return stream.HasEnded ? ITransport.Lost : ITransport.Ended;
                // An empty message is nothing; to an empty buffer it looks like one that has a payload, but for its end.
                if (received.Count > 0 || (buffer.IsEmpty && !received.EndOfMessage))
                    return received.Count;
            }
        }
        catch (WebSocketException exception) when (exception.WebSocketErrorCode == WebSocketError.Faulted)
        {
            // The framework takes no close code such as 1012, when the peer sends ours back.
            if (_saidGoodbye)
                return ITransport.Ended;
            // The framework has sent its close frame, and aborts the connection when it is let go: the reset would overtake the frame.
            await Task.Delay(Linger);
            throw new TransportException(CloseReasons.MalformedWebSocket, exception);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return ITransport.Lost;
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> frame) => SendByFrameworkAsync(frame, isText: true);

    public ValueTask SendAsync(PooledBuffer head, EncodedMessage message, long? probe, bool isMore)
    {
        var isCompressed = head.Length + message.Message.Tail.Length >= minCompressed;
        if (isCompressed && message.IsShared && sharesCompressed && head.Length <= ushort.MaxValue)
        {
            var length = (ushort)head.Length;
            WebSocketFrame.WriteStoredBlockHeader(head.Prepend(WebSocketFrame.StoredBlockHeader), length);
            head.Write(message.Deflated);
            return SendByItselfAsync(head, message.Message.IsText, isCompressed, probe, isMore);
        }
        head.Write(message.Message.Tail.Span);
        if (!isCompressed)
            return SendByItselfAsync(head, message.Message.IsText, isCompressed, probe, isMore);
        if (probe is { } number)
            stream.ProbeBehindNext(number);
        return SendByFrameworkAsync(head.Written, message.Message.IsText);
    }

    public async ValueTask FlushAsync()
    {
        try
        {
            await stream.FlushAsync();
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            throw new TransportException(CloseReasons.ConnectionLost, exception);
        }
    }

    public async ValueTask ProbeAsync(long number)
    {
        try
        {
            await stream.ProbeAsync(number);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            throw new TransportException(CloseReasons.ConnectionLost, exception);
        }
    }

    public async ValueTask CloseAsync(CloseReason reason)
    {
        _saidGoodbye = true;
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(socket.CloseStatus ?? (WebSocketCloseStatus)reason.Code, reason.Text, CancellationToken.None);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            throw new TransportException(CloseReasons.ConnectionLost, exception);
        }
    }

    public void Abort() => socket.Abort();

    /// <summary>One write for all: the header stands right before the message, and the probe right behind.</summary>
    private async ValueTask SendByItselfAsync(PooledBuffer frame, bool isText, bool isCompressed, long? probe, bool isMore)
    {
        try
        {
            if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
                throw new WebSocketException(WebSocketError.InvalidState);
            var length = frame.Length;
            WebSocketFrame.WriteHeader(frame.Prepend(WebSocketFrame.HeaderLength(length)), isText, isCompressed, length);
            if (probe is { } number)
            {
                WebSocketFrame.WritePing(frame.GetSpan(WebSocketFrame.NumberedPing), number);
                frame.Advance(WebSocketFrame.NumberedPing);
            }
            await stream.WriteAsync(frame.Written, isMore);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            throw new TransportException(CloseReasons.ConnectionLost, exception);
        }
    }

    private async ValueTask SendByFrameworkAsync(ReadOnlyMemory<byte> frame, bool isText)
    {
        try
        {
            var flags =
                WebSocketMessageFlags.EndOfMessage | (frame.Length < minCompressed ? WebSocketMessageFlags.DisableCompression : WebSocketMessageFlags.None);
            await socket.SendAsync(frame, isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, flags, CancellationToken.None);
            if (stream.IsCut)
                throw new IOException("The connection has ended");
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            throw new TransportException(CloseReasons.ConnectionLost, exception);
        }
    }

    private static bool IsLoss(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException;
}
