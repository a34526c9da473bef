using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>UNSUBSCRIBE. What waits for an ACK goes back.</summary>
internal sealed class UnsubscribeHandler : ICommandHandler
{
    public IReadOnlyList<string> Commands { get; } = [StompCommands.Unsubscribe];

    public ValueTask<Effect> HandleAsync(Session session, StompFrame frame)
    {
        var id = SubscriptionId.Of(frame) ?? throw new StompErrorException(StompErrors.MissingSubscriptionId());
        if (!session.TryFind(id, out var subscription))
            throw new StompErrorException(StompErrors.UnknownSubscription(id.Description));
        session.Remove(subscription);
        return ValueTask.FromResult(Effect.Done);
    }
}
