using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <inheritdoc cref="IDeliveryRouter"/>
/// <remarks>The recipients header, where there is one, alone says whom a message is for; else the key does; a key that addresses nobody is a topic.</remarks>
internal sealed class DeliveryRouter : IDeliveryRouter
{
    private readonly Dictionary<string, UserKeyTemplate[]> _sources;
    private readonly DeliveryReader _reader;
    private readonly DeliveryLimits _limits;

    public DeliveryRouter(SourceRoutes sources, DeliveryReader reader, DeliveryLimits limits)
    {
        (_reader, _limits) = (reader, limits);
        _sources = sources.Descriptions.ToDictionary(source => source.Exchange, source => source.Users.Select(Parse).ToArray());
    }

    public Route Route(RabbitMqDelivery delivery)
    {
        if (!_sources.TryGetValue(delivery.Exchange, out var templates))
            return new Route.ToDeadLetters(DeadLetterReasons.Unroutable);
        if (!_reader.TryRead(delivery, out var notification, out var fault))
            return new Route.ToDeadLetters(fault);
        if (!RecipientsHeader.TryRead(delivery, out var named))
            return new Route.ToDeadLetters(DeadLetterReasons.Malformed);
        if (named?.Length > _limits.MaxRecipients)
            return new Route.ToDeadLetters(DeadLetterReasons.TooManyRecipients);
        var rejectedBy = named is null ? RedrivenHeader.UserOf(delivery) : null;
        var recipients = named is null ? ByKey(templates, delivery.RoutingKey, rejectedBy) : RecipientsOf(delivery.Exchange, named);
        // Nobody has such an id; it would name a mailbox that only its own user's shard gives messages to.
        if ((named ?? recipients.Select(recipient => recipient.User)).Any(MailboxKey.IsDurable))
            return new Route.ToDeadLetters(DeadLetterReasons.Malformed);
        if (recipients.Count > 0)
            return new Route.ToUsers(notification, recipients);
        return named is null && rejectedBy is null ? new Route.ToTopic(notification) : new Route.ToDeadLetters(DeadLetterReasons.Unroutable);
    }

    public IReadOnlyCollection<Recipient> RecipientsOf(string exchange, string[] users) =>
        new NamedRecipients(_sources.GetValueOrDefault(exchange) is [var first, ..] ? first : UserKeyTemplate.Default, users);

    private static UserKeyTemplate Parse(string text) =>
        UserKeyTemplate.TryParse(text, out var template) ? template : throw new ArgumentException($"'{text}' is no template of a user's keys");

    /// <param name="templates">The source's.</param>
    /// <param name="routingKey">The key.</param>
    /// <param name="only">The one of them that it is for; null when it is for all.</param>
    private static Recipient[] ByKey(UserKeyTemplate[] templates, string routingKey, string? only)
    {
        Recipient[] recipients = [];
        foreach (var template in templates)
        {
            if (template.TryGetUser(routingKey, out var user) && (only ?? user) == user && !recipients.Contains(new Recipient(user, routingKey)))
                recipients = [.. recipients, new Recipient(user, routingKey)];
        }
        return recipients;
    }
}
