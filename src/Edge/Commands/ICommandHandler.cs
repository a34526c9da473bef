using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>Carries out one command. Frames of a session come one by one.</summary>
internal interface ICommandHandler
{
    /// <summary>The commands that it is for.</summary>
    IReadOnlyList<string> Commands { get; }

    /// <summary>Carries the frame out as far as the next frame must wait for it.</summary>
    /// <returns>What the frame's RECEIPT waits for: nothing, or the broker's confirm.</returns>
    /// <exception cref="StompErrorException">The client is told so, and gets no RECEIPT.</exception>
    ValueTask<Effect> HandleAsync(Session session, StompFrame frame);
}
