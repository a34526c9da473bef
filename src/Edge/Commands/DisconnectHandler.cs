using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>DISCONNECT. Its RECEIPT says that everything before it has taken effect, so it waits for the broker's confirms.</summary>
internal sealed class DisconnectHandler : ICommandHandler
{
    /// <summary>A client that says goodbye does not wait for long.</summary>
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(5);

    public IReadOnlyList<string> Commands { get; } = [StompCommands.Disconnect];

    public async ValueTask<Effect> HandleAsync(Session session, StompFrame frame)
    {
        var receipt = frame[StompHeaderNames.Receipt];
        try
        {
            await session.Confirms.WhenNoneAsync().WaitAsync(ConfirmTimeout);
        }
        catch (TimeoutException)
        {
            // Not everything took effect: then there is no receipt that says so.
            receipt = null;
        }
        session.Disconnect(receipt);
        return Effect.Done;
    }
}
