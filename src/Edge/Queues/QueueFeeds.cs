using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Queues;

/// <summary>Makes subscriptions to queues of the broker, when the user may do what RabbitMQ's STOMP plugin would do for them in his name.</summary>
internal sealed class QueueFeeds(EdgeAuthority authority, QueueTable queues, LinkTable links, EdgeIdentity edge)
{
    /// <summary>A subscription to a queue that is there, or is declared.</summary>
    /// <param name="session">The session.</param>
    /// <param name="request">What it wants.</param>
    /// <param name="window">Bytes that may be on their way.</param>
    /// <exception cref="StompErrorException">He may not, or a header is wrong.</exception>
    public async Task<Subscription> OfQueueAsync(Session session, SubscribeRequest request, int window)
    {
        var queue = request.Destination.Name;
        var declaration = request.Destination.Kind == DestinationKind.Queue ? QueueHeaders.OfQueue(request.Frame) : null;
        var access = declaration is null
            ? new QueueAccess(queue, Permission.Read)
            : new QueueAccess(queue, Permission.Configure, Permission.Read) { Declaration = declaration };
        await access.RequireAsync(authority, session.Identity!);
        return Create(session, request.Id, request.AckMode, queue, Describe(session, request, window) with { Declaration = declaration }, access);
    }

    /// <summary>A subscription to an exchange, by a queue of its own.</summary>
    /// <inheritdoc cref="OfQueueAsync"/>
    public async Task<Subscription> OfExchangeAsync(Session session, SubscribeRequest request, int window)
    {
        var (frame, destination) = (request.Frame, request.Destination);
        var queue = frame[StompHeaderNames.QueueName]
            ?? (request.IsDurable ? QueueNames.ForDurable(frame[StompHeaderNames.Destination]!, request.Id.Header!) : QueueNames.ForSubscription());
        var declaration = QueueHeaders.OfSubscription(frame);
        var access = new QueueAccess(queue, Permission.Configure, Permission.Read, Permission.Write) { Declaration = declaration };
        // That he may read the exchange has been asked.
        await access.RequireAsync(authority, session.Identity!);
        var binding = new QueueBinding(destination.Name, destination.Key);
        return Create(
            session,
            request.Id,
            request.AckMode,
            queue,
            Describe(session, request, window) with
            {
                Declaration = declaration,
                Binding = binding,
            },
            access with
            {
                Binding = binding,
            }
        );
    }

    /// <summary>The subscription that replies come with. The queue is the session's alone.</summary>
    public QueueFeed OfReplies(Session session, SubscriptionId id, string queue, int prefetch, int window) =>
        Create(
            session,
            id,
            AckMode.Auto,
            queue,
            Describe(session, prefetch, window) with
            {
                Declaration = new QueueDeclaration(Durable: false, Exclusive: true, AutoDelete: true, []),
            },
            QueueAccess.ForReplies()
        );

    /// <summary>Holds a queue that is the session's alone, without consuming it.</summary>
    public QueueFeed OfHolding(Session session, string queue, QueueDeclaration declaration) =>
        Create(
            session,
            new SubscriptionId(Header: null, $"X_{queue}", $"queue='{queue}'"),
            AckMode.Auto,
            queue,
            Describe(session, prefetch: 1, window: 1) with
            {
                Declaration = declaration,
                Consumes = false,
            },
            QueueAccess.ForSending(queue, declaration)
        );

    private QueueFeed Create(Session session, SubscriptionId id, AckMode ackMode, string queue, QueueSubscription description, QueueAccess access) =>
        new(session, id, ackMode, queue, description, access, queues);

    private QueueSubscription Describe(Session session, SubscribeRequest request, int window) =>
        Describe(session, request.Prefetch, window) with
        {
            Arguments = QueueHeaders.OfConsumer(request.Frame),
        };

    private QueueSubscription Describe(Session session, int prefetch, int window) =>
        new(
            edge.Name,
            queues.NextNumber(),
            Registration: 0,
            session.Id,
            session.Identity!.User,
            Declaration: null,
            Binding: null,
            Consumes: true,
            prefetch,
            window,
            links.LaneOf(session.Id),
            Arguments: []
        );
}
