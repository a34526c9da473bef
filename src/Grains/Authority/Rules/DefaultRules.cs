using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>
/// What holds without any configured rule, in the one vhost that notifications come from: everyone may read the own, the broadcast and the topic keys of
/// sources and of the default topic exchange; services may do all.
/// </summary>
public static class DefaultRules
{
    /// <summary>The role of services: they configure, write and read everything in the vhost.</summary>
    public const string ServiceRole = "service";

    /// <summary>The role of operators: as services, and the broker's administrators.</summary>
    public const string AdminRole = "admin";

    /// <summary>The broker's tag for its administrators.</summary>
    public const string AdministratorTag = "administrator";

    /// <summary>RabbitMQ's topic exchange, where STOMP's <c>/topic/</c> destinations lead.</summary>
    public const string TopicExchange = "amq.topic";

    private static readonly string[] ReadableKeys = ["user.{user}.#", "broadcast.#", "topic.#"];

    public static IEnumerable<AccessRule> Of(string vhost, IEnumerable<string> sources) =>
        new[] { Everyone(ResourceKind.Vhost, vhost) }
            .Concat(sources.Append(TopicExchange).Distinct().SelectMany(Readable))
            .Concat(new[] { ServiceRole, AdminRole }.SelectMany(Everything))
            .Select(rule => rule with { Vhost = vhost });

    private static IEnumerable<AccessRule> Readable(string exchange) =>
        ReadableKeys.Select(key => Everyone(ResourceKind.Topic, exchange) with { Key = key }).Prepend(Everyone(ResourceKind.Exchange, exchange));

    private static AccessRule Everyone(ResourceKind resource, string name) =>
        new()
        {
            Resource = resource,
            Name = NamePattern.Literal(name),
            Permissions = [Permission.Read],
        };

    private static IEnumerable<AccessRule> Everything(string role) =>
        new[] { ResourceKind.Exchange, ResourceKind.Queue, ResourceKind.Topic }.Select(resource => new AccessRule
        {
            Role = role,
            Resource = resource,
            Name = NamePattern.Parse("*"),
            Permissions = Enum.GetValues<Permission>(),
            Key = resource == ResourceKind.Topic ? "#" : null,
        });
}
