using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>Where a session's frames go. It knows nothing of what carries them.</summary>
internal interface ISessionOutput
{
    /// <inheritdoc cref="ITransport.PeerAddress"/>
    string? PeerAddress { get; }

    /// <inheritdoc cref="ITransport.HostName"/>
    string? HostName { get; }

    /// <summary>When something last came from the client, in milliseconds as <see cref="SessionClock.Now"/>.</summary>
    long LastRead { get; }

    /// <summary>When something was last written to the client.</summary>
    long LastWrite { get; }

    /// <summary>False while a command is carried out and nothing more is read: the client's silence then says nothing.</summary>
    bool IsReading { get; }

    /// <summary>Puts a frame behind those that wait.</summary>
    void Write(byte[] frame);

    /// <summary>Sends a heart-beat, unless something waits to be written anyway.</summary>
    void WriteHeartBeat();

    /// <summary>Puts a message behind those that wait; it is numbered when its turn comes.</summary>
    void Write(in SubscribedMessage message);

    /// <summary>Ends the connection: drops the messages that wait, sends the other frames and the last one, and says goodbye. The first call counts.</summary>
    void End(CloseReason reason, byte[]? lastFrame);
}
