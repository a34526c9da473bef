using System.Net.WebSockets;

namespace NotifyOrleans.Edge.Connections;

/// <summary>STOMP over WebSocket: one message for each frame that is sent; what comes may be split and joined in any way.</summary>
/// <param name="socket">The WebSocket.</param>
/// <param name="stream">What is beneath it.</param>
/// <param name="minCompressed">Bytes of a frame from which on it is compressed, if that was agreed on.</param>
internal sealed class WebSocketTransport(WebSocket socket, ProbingStream stream, int minCompressed) : ITransport
{
    /// <summary>From the framework's own close frame to the end of the connection: some round trips.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(500);

    private volatile bool _saidGoodbye;

    public string? PeerAddress { get; init; }

    public string? HostName { get; init; }

    public Credentials? Credentials { get; set; }

    public int? PeerCloseCode => (int?)socket.CloseStatus;

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
                    return ITransport.Ended;
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
            throw new TransportException(CloseReasons.ConnectionLost, exception);
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> frame, bool isText, long? probe = null)
    {
        try
        {
            if (probe is { } number)
                stream.ProbeBehindNext(number);
            var flags = WebSocketMessageFlags.EndOfMessage | (frame.Length < minCompressed ? WebSocketMessageFlags.DisableCompression : WebSocketMessageFlags.None);
            await socket.SendAsync(frame, isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, flags, CancellationToken.None);
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

    private static bool IsLoss(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException;
}
