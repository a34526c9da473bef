using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Queues;

/// <summary>
/// What a SEND makes besides the message: the queue that it goes to, and the one that replies come to. As in the reference both are made once in a session.
/// </summary>
internal sealed class QueueSender(EdgeAuthority authority, QueueFeeds feeds, QueueTable queues, IOptions<StompOptions> options, IOptions<LinksOptions> links)
{
    /// <summary>The name in <c>reply-to:/temp-queue/NAME</c>; null when the header is another one.</summary>
    public static string? ReplyNameOf(StompFrame frame) =>
        frame[StompHeaderNames.ReplyTo] is { } text && text.StartsWith(SubscriptionId.ReplyPrefix, StringComparison.Ordinal)
            ? Destination.Parse(text).Name
            : null;

    /// <summary>Returns when the user may send to the queue of <c>/queue/NAME</c>, and make it.</summary>
    /// <exception cref="StompErrorException">He may not, or a header is wrong.</exception>
    public async Task<QueueDeclaration?> AuthorizeAsync(Session session, string queue, StompFrame frame)
    {
        if (session.Queues.IsDeclared(queue))
            return null;
        var declaration = QueueHeaders.OfQueue(frame);
        await QueueAccess.ForSending(queue, declaration).RequireAsync(authority, session.Identity!);
        return declaration;
    }

    /// <summary>Makes the queue, if the session has not yet.</summary>
    /// <exception cref="StompErrorException">The broker refuses.</exception>
    public async Task DeclareAsync(Session session, string queue, QueueDeclaration declaration)
    {
        if (session.Queues.IsDeclared(queue))
            return;
        if (declaration.Exclusive)
        {
            var holding = feeds.OfHolding(session, queue, declaration);
            await StartAsync(session, holding);
            session.Queues.SetHeld(holding);
            return;
        }
        await queues.RequireAsync(queue, grain => grain.DeclareAsync(declaration, session.Id));
        session.Queues.SetDeclared(queue);
    }

    /// <summary>Returns when the user may make a queue for replies.</summary>
    /// <exception cref="StompErrorException">He may not.</exception>
    public Task AuthorizeRepliesAsync(Session session, string name) =>
        session.Queues.FindReply(name) is not null ? Task.CompletedTask : QueueAccess.ForReplies().RequireAsync(authority, session.Identity!);

    /// <summary>The queue that replies to <c>/temp-queue/NAME</c> come to; the session is subscribed to it.</summary>
    /// <exception cref="StompErrorException">It cannot be made.</exception>
    public async Task<string> RepliesAsync(Session session, string name)
    {
        if (session.Queues.FindReply(name) is { } known)
            return known;
        var feed = feeds.OfReplies(
            session,
            SubscriptionId.OfReplies(name),
            QueueNames.ForReplies(),
            options.Value.DefaultPrefetch,
            session.Window.Take(options.Value.AutoWindowBytes)
        );
        await StartAsync(session, feed);
        session.Queues.SetReply(name, feed);
        return feed.Queue;
    }

    private async Task StartAsync(Session session, QueueFeed feed)
    {
        if (session.SubscriptionCount >= options.Value.MaxSubscriptions)
            throw new StompErrorException(StompErrors.LimitExceeded($"A session has at most {options.Value.MaxSubscriptions} subscriptions"));
        if (!session.TryAdd(feed))
            return;
        using var patience = new CancellationTokenSource(links.Value.SubscribeTimeout);
        await session.StartAsync(feed, patience.Token);
        feed.Open();
    }
}
