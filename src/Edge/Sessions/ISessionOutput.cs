using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Connections.Writing;
using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>Where a session's frames go. It knows nothing of what carries them.</summary>
internal interface ISessionOutput
{
    /// <inheritdoc cref="ITransport.PeerAddress"/>
    string PeerAddress { get; }

    /// <inheritdoc cref="ITransport.HostName"/>
    string? HostName { get; }

    /// <summary>Who the client has said it is before its session; afterwards that is forgotten.</summary>
    Credentials? TakeCredentials();

    /// <summary>When something last came from the client, in milliseconds as <see cref="SessionClock.Now"/>.</summary>
    long LastRead { get; }

    /// <summary>When something was last written to the client.</summary>
    long LastWrite { get; }

    /// <summary>False while a command is carried out and nothing more is read: the client's silence then says nothing.</summary>
    bool IsReading { get; }

    /// <summary>Since when reading goes on: before that a command took long.</summary>
    long ReadingSince { get; }

    /// <summary>Since when a frame has been on its way out, and the network does not take it; <see cref="SessionClock.Never"/> when none is.</summary>
    long WritingSince { get; }

    /// <inheritdoc cref="ITransport.CanProbe"/>
    bool CanProbe { get; }

    /// <summary>Asks the client for an answer behind everything that waits, if the session wants one when its turn comes.</summary>
    void Probe();

    /// <summary>Has the session looked at by the clock at this time, in milliseconds as <see cref="SessionClock.Now"/>.</summary>
    void WakeAt(long due);

    /// <summary>Puts a frame behind those that wait.</summary>
    void Write(byte[] frame);

    /// <summary>Sends a heart-beat, unless something waits to be written anyway.</summary>
    void WriteHeartBeat();

    /// <summary>Puts a message behind those that wait; it is numbered when its turn comes.</summary>
    void Write(in SubscribedMessage message);

    /// <inheritdoc cref="WritePump.HasRoom"/>
    bool HasRoom { get; }

    /// <summary>Ends the connection: drops the messages that wait, sends the other frames and the last one, and says goodbye. The first call counts.</summary>
    void End(CloseReason reason, byte[]? lastFrame);
}
