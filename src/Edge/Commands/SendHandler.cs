using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Publishing;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>SEND: an authorised publish to the broker. Its RECEIPT follows the broker's confirm.</summary>
internal sealed class SendHandler(EdgeAuthority authority, Publisher publisher) : ICommandHandler
{
    public IReadOnlyList<string> Commands { get; } = [StompCommands.Send];

    public async ValueTask<Effect> HandleAsync(Session session, StompFrame frame)
    {
        if (frame[StompHeaderNames.MessageId] is not null)
            throw new StompErrorException(StompErrors.HeaderNotAllowed(StompHeaderNames.MessageId, StompCommands.Send));
        if (frame[StompHeaderNames.Destination] is not { } text)
            throw new StompErrorException(StompErrors.MissingDestination(StompCommands.Send));
        var destination = Destination.Parse(text);
        if (destination.Kind == DestinationKind.TempQueue)
            throw new StompErrorException(StompErrors.InvalidDestinationFor(text, StompCommands.Send));
        if (destination.Kind != DestinationKind.Exchange)
            throw new StompErrorException(StompErrors.NotServed($"Queue destinations such as '{text}' are not served"));
        var identity = session.Identity!;
        var publication = new Publication(destination.Name, destination.Key, SendProperties.Of(frame, identity.User), frame.Body);

        await authority.RequireWriteAsync(identity, destination.Name, destination.Key);
        if (frame[StompHeaderNames.Transaction] is not { } transaction)
            return await PublishAsync(publication);
        session.Transactions.Add(transaction, () => PublishAsync(publication), publication.Body.Length);
        return Effect.Done;
    }

    private async ValueTask<Effect> PublishAsync(Publication publication)
    {
        await publisher.EnqueueAsync(publication);
        return new Effect(publisher.ConfirmAsync(publication));
    }
}
