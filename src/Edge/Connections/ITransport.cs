using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Connections.Writing;
using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Connections;

/// <summary>Carries a session's bytes. One reader and one writer at a time.</summary>
internal interface ITransport
{
    /// <summary>The peer's address, as the authority is asked with it; <see cref="PeerAddresses.None"/> when it has none.</summary>
    string PeerAddress { get; }

    /// <summary>The host name that the client connected to, without port; null when it is not known.</summary>
    string? HostName { get; }

    /// <summary>Who the client says it is, for a CONNECT that does not say it; null when it did not. Forgotten after the login.</summary>
    Credentials? Credentials { get; set; }

    /// <summary>
    /// The code that the peer has closed with (RFC 6455, 7.4): 1000 when it gave none; null as long as it has not closed, and for ever when it was lost.
    /// </summary>
    int? PeerCloseCode { get; }

    /// <summary>Waits for bytes. With an empty buffer it completes, with 0, when there are some; so an idle connection holds no buffer.</summary>
    /// <returns>How many there are, <see cref="Ended"/> when the peer has closed in order, or <see cref="Lost"/>.</returns>
    /// <exception cref="TransportException">What came is none of the transport's protocol.</exception>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>
    /// Whether the client's side can be asked what it has got. Where it cannot, only its ACKs tell.
    /// </summary>
    bool CanProbe { get; }

    /// <summary>
    /// Called when the client's side has answered a probe: it has got everything that was sent before that. Once both <see cref="ReceiveAsync"/> has ended and
    /// <see cref="CloseAsync"/> has completed, it is not called any more for what has arrived.
    /// </summary>
    Action<long>? Answered { set; }

    /// <summary>Sends one frame, which is UTF-8.</summary>
    /// <exception cref="TransportException">The connection is lost.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> frame);

    /// <summary>Sends a MESSAGE, or has it wait for the next ones.</summary>
    /// <param name="head">Its head, which the transport adds the rest to: it is used up.</param>
    /// <param name="message">The rest.</param>
    /// <param name="probe">Number of a probe that is sent together with it, right behind; null for none.</param>
    /// <param name="isMore">Whether more will be sent, or <see cref="FlushAsync"/> called, at once: then several leave together.</param>
    /// <exception cref="TransportException">The connection is lost.</exception>
    ValueTask SendAsync(PooledBuffer head, EncodedMessage message, long? probe, bool isMore);

    /// <summary>Sends what waits for more.</summary>
    /// <exception cref="TransportException">The connection is lost.</exception>
    ValueTask FlushAsync();

    /// <summary>Sends a probe: the client's side answers it with its number.</summary>
    /// <exception cref="TransportException">The connection is lost.</exception>
    ValueTask ProbeAsync(long number);

    /// <summary>Says goodbye behind all that was sent, or answers the peer's with its own code. The peer's answer ends <see cref="ReceiveAsync"/>.</summary>
    /// <exception cref="TransportException">The connection is lost.</exception>
    ValueTask CloseAsync(CloseReason reason);

    /// <summary>Ends the connection at once; what is under way fails.</summary>
    void Abort();

    /// <summary>What <see cref="ReceiveAsync"/> returns at the end.</summary>
    const int Ended = -1;

    /// <summary>What <see cref="ReceiveAsync"/> returns when the connection is lost.</summary>
    const int Lost = -2;
}
