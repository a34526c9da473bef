using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Publishing;
using NotifyOrleans.Edge.Queues;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>
/// SEND: an authorised publish to the broker, whose RECEIPT follows the broker's confirm. Beside that, one destination takes a new token.
/// </summary>
internal sealed class SendHandler(EdgeAuthority authority, AccessReview review, QueueSender queues, Publisher publisher, TokenRefresh refresh) : ICommandHandler
{
    public IReadOnlyList<string> Commands { get; } = [StompCommands.Send];

    public async ValueTask<Effect> HandleAsync(Session session, StompFrame frame)
    {
        if (frame[StompHeaderNames.MessageId] is not null)
            throw new StompErrorException(StompErrors.HeaderNotAllowed(StompHeaderNames.MessageId, StompCommands.Send));
        if (frame[StompHeaderNames.Destination] is not { } text)
            throw new StompErrorException(StompErrors.MissingDestination(StompCommands.Send));
        if (text == TokenRefresh.Destination)
        {
            await refresh.RefreshAsync(session, frame);
            return Effect.Done;
        }
        var destination = Destination.Parse(text);
        if (destination.Kind == DestinationKind.TempQueue)
            throw new StompErrorException(StompErrors.InvalidDestinationFor(text, StompCommands.Send));
        var (identity, rules) = (session.Identity!, review.Rules);
        var publication = new Publication(destination.Exchange, destination.RoutingKey, SendProperties.Of(frame, identity.User), frame.Body);
        publisher.RequireFits(publication);

        var recipients = frame[RecipientNames.Header];
        await authority.RequireWriteAsync(identity, destination.Exchange, destination.RoutingKey, recipients);
        var declaration = destination.Kind == DestinationKind.Queue ? await queues.AuthorizeAsync(session, destination.Name, frame) : null;
        var replies = QueueSender.ReplyNameOf(frame);
        if (replies is not null)
            await queues.AuthorizeRepliesAsync(session, replies);
        if (frame[StompHeaderNames.Transaction] is not { } transaction)
            return await SendAsync(rules);
        session.Transactions.Add(transaction, CommitAsync, publication.Bytes);
        return Effect.Done;

        // Keeps nothing of the frame but what the publication has.
        async ValueTask<Effect> CommitAsync()
        {
            var inForce = review.Rules;
            if (session.Identity != identity || inForce != rules)
                await AuthorizeAgainAsync(session.Identity!);
            return await SendAsync(inForce);
        }

        async Task AuthorizeAgainAsync(Identity current)
        {
            await authority.RequireWriteAsync(current, destination.Exchange, destination.RoutingKey, recipients);
            if (declaration is not null)
                await QueueAccess.ForSending(destination.Name, declaration).RequireAsync(authority, current);
            if (replies is not null)
                await queues.AuthorizeRepliesAsync(session, replies);
        }

        async ValueTask<Effect> SendAsync(string allowedBy)
        {
            if (declaration is not null)
                await queues.DeclareAsync(session, destination.Name, declaration);
            if (replies is not null)
                publication.Properties.ReplyTo = await queues.RepliesAsync(session, replies);
            // The review of changed rules has passed over a queue that was not there yet.
            if ((declaration is not null || replies is not null) && review.Rules != allowedBy)
                await review.ReviewAsync([session]);
            return await PublishAsync(publication);
        }
    }

    private async ValueTask<Effect> PublishAsync(Publication publication)
    {
        await publisher.EnqueueAsync(publication);
        return new Effect(publisher.ConfirmAsync(publication), Bytes: publication.Bytes);
    }
}
