using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>UNSUBSCRIBE. What waits for an ACK goes back. With the headers of a durable subscription it ends that for good, and the RECEIPT says so.</summary>
internal sealed class UnsubscribeHandler : ICommandHandler
{
    public IReadOnlyList<string> Commands { get; } = [StompCommands.Unsubscribe];

    public async ValueTask<Effect> HandleAsync(Session session, StompFrame frame)
    {
        var isDurable = SubscribeRequest.IsDurableFrame(frame);
        if (isDurable && frame[StompHeaderNames.Id] is null)
            throw new StompErrorException(StompErrors.DurableWithoutId());
        var id = SubscriptionId.Of(frame) ?? throw new StompErrorException(StompErrors.MissingSubscriptionId());
        if (id.IsReserved)
            throw new StompErrorException(StompErrors.ReservedSubscriptionId());
        if (!session.TryFind(id, out var subscription))
            throw new StompErrorException(StompErrors.UnknownSubscription(id.Description));
        session.Remove(subscription);
        if (isDurable)
            await subscription.ForgetAsync();
        return Effect.Done;
    }
}
