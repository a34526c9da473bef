using System.Globalization;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Commands;

/// <summary>SUBSCRIBE. Its RECEIPT says that what is published from now on will come; messages are written behind it.</summary>
internal sealed class SubscribeHandler(
    EdgeAuthority authority,
    AccessReview review,
    FeedFactory feeds,
    IOptions<StompOptions> options,
    IOptions<LinksOptions> links
) : ICommandHandler
{
    public IReadOnlyList<string> Commands { get; } = [StompCommands.Subscribe];

    public async ValueTask<Effect> HandleAsync(Session session, StompFrame frame)
    {
        if (SubscribeRequest.IsDurableFrame(frame) && frame[StompHeaderNames.Id] is null)
            throw new StompErrorException(StompErrors.DurableWithoutId());
        if (frame[StompHeaderNames.Destination] is not { } text)
            throw new StompErrorException(StompErrors.MissingDestination(StompCommands.Subscribe));
        var destination = Destination.Parse(text);
        if (destination.Kind is DestinationKind.TempQueue or DestinationKind.ReplyQueue)
            throw new StompErrorException(StompErrors.InvalidDestinationFor(text, StompCommands.Subscribe));
        var ackMode = AckModes.Parse(frame[StompHeaderNames.Ack]);
        var prefetch = PrefetchOf(frame);

        // With a destination there is an id.
        var id = SubscriptionId.Of(frame)!;
        if (id.IsReserved)
            throw new StompErrorException(StompErrors.Processing());
        if (id.IsTooLong)
            throw new StompErrorException(StompErrors.TooLongSubscriptionId());
        if (session.TryFind(id, out _))
            throw new StompErrorException(StompErrors.DuplicateSubscription(id.Tag));
        if (session.SubscriptionCount >= options.Value.MaxSubscriptions)
            throw new StompErrorException(StompErrors.LimitExceeded($"A session has at most {options.Value.MaxSubscriptions} subscriptions"));

        var rules = review.Rules;
        if (destination.Kind == DestinationKind.Exchange)
            await authority.RequireReadAsync(session.Identity!, destination.Name, destination.Key);

        using var patience = new CancellationTokenSource(links.Value.SubscribeTimeout);
        var subscription = await feeds.CreateAsync(session, new SubscribeRequest(id, destination, ackMode, prefetch, frame), patience.Token);
        if (!session.TryAdd(subscription))
            return Effect.Done;
        await session.StartAsync(subscription, patience.Token);
        // The review of changed rules has passed it over.
        if (review.Rules != rules)
            await review.ReviewAsync([session]);
        return new Effect(Completion: null, subscription.Open);
    }

    /// <summary>Messages that may be on their way at a time; 0 is the reference's word for its default.</summary>
    private int PrefetchOf(StompFrame frame)
    {
        if (frame[StompHeaderNames.PrefetchCount] is not { } text)
            return options.Value.DefaultPrefetch;
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            throw new StompErrorException(StompErrors.Processing());
        return count == 0 ? options.Value.DefaultPrefetch : count;
    }
}
