using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Queues;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Ingress;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>
/// Decides what feeds a subscription: of a source the user's mailbox, when the pattern is inside his own keys (for a durable subscription a mailbox of its
/// own), else its topics, live or, for a durable subscription, from their logs; of everything else a queue of the broker.
/// </summary>
internal sealed class FeedFactory(
    LinkTable links,
    RegistrationTable registrations,
    TopicServices topics,
    DurableTopics durables,
    QueueFeeds queues,
    IOptions<StompOptions> options
)
{
    /// <exception cref="StompErrorException">Nothing does.</exception>
    /// <exception cref="ClusterUnavailableException">No silo has told the sources in time.</exception>
    public async Task<Subscription> CreateAsync(Session session, SubscribeRequest request, CancellationToken cancellationToken)
    {
        var (id, destination, ackMode, prefetch, _) = request;
        if (destination.Kind != DestinationKind.Exchange)
            return await WithWindowAsync(session, ackMode, window => queues.OfQueueAsync(session, request, window));
        var sources = await SourcesAsync(cancellationToken);
        if (Array.Find(sources, source => source.Exchange == destination.Name) is not { } source)
            return await WithWindowAsync(session, ackMode, window => queues.OfExchangeAsync(session, request, window));
        // Longer ones have been refused by the authority.
        var pattern = TopicPattern.Parse(destination.Key);
        var user = session.Identity!.User;
        var isOwn = IsOwn(source, user, pattern);
        // Whoever names a queue wants one, which others may use too. A mailbox is the user's queue already.
        if (!isOwn && request.Frame[StompHeaderNames.QueueName] is not null)
            return await WithWindowAsync(session, ackMode, window => queues.OfExchangeAsync(session, request, window));
        // As in the reference, what is deleted with its last consumer is not durable.
        var isDurable = request.IsDurable && request.Frame[StompHeaderNames.AutoDelete] != "true";
        if (isDurable && !isOwn)
            return new DurableTopicFeed(session, id, ackMode, destination.Name, pattern, prefetch, WindowOf(session, ackMode), topics.Topics, durables, links);
        return isOwn
            ? new MailboxFeed(
                session,
                id,
                ackMode,
                Describe(session, isDurable ? DurableMailboxOf(user, request) : user, destination, ackMode, prefetch),
                registrations
            )
            : new TopicFeed(session, id, ackMode, destination.Name, pattern, prefetch, WindowOf(session, ackMode), topics);
    }

    private static bool IsOwn(SourceDescription source, string user, TopicPattern pattern) =>
        source.Users.Any(text => UserKeyTemplate.TryParse(text, out var template) && pattern.IsInside(template.KeysOf(user)));

    /// <summary>The mailbox that a durable subscription to one's own messages has by itself.</summary>
    private static string DurableMailboxOf(string user, SubscribeRequest request) =>
        MailboxKey.OfDurable(user, MailboxKey.NameOf(request.Destination.Name, request.Destination.Key, request.Frame[StompHeaderNames.Id]!));

    private MailboxSubscription Describe(Session session, string mailbox, Destination destination, AckMode ackMode, int prefetch) =>
        new(registrations.NextNumber(), mailbox, destination.Name, destination.Key, prefetch, WindowOf(session, ackMode), links.LaneOf(session.Id));

    /// <summary>Makes a subscription that may be refused: then its window is given back, as otherwise at its end.</summary>
    private async Task<Subscription> WithWindowAsync(Session session, AckMode ackMode, Func<int, Task<Subscription>> create)
    {
        var window = WindowOf(session, ackMode);
        try
        {
            return await create(window);
        }
        catch
        {
            session.Window.Return(window);
            throw;
        }
    }

    private int WindowOf(Session session, AckMode ackMode) =>
        session.Window.Take(ackMode == AckMode.Auto ? options.Value.AutoWindowBytes : options.Value.AckWindowBytes);

    private async Task<SourceDescription[]> SourcesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await links.SourcesAsync(cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            throw new ClusterUnavailableException("No silo can be reached", exception);
        }
    }
}
