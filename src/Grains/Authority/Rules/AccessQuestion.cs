using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>What rules are asked.</summary>
/// <param name="Vhost">The virtual host.</param>
/// <param name="Resource">What kind of thing it is about.</param>
/// <param name="Name">The name of the vhost, exchange or queue; for a topic that of its exchange.</param>
/// <param name="Permission">What for; of no meaning for a vhost.</param>
/// <param name="Key">For a topic: the routing key to write, or the pattern of keys to read.</param>
public readonly record struct AccessQuestion(string Vhost, ResourceKind Resource, string Name, Permission Permission, string Key)
{
    /// <summary>The name of such a question in RabbitMQ's HTTP backend.</summary>
    public string Kind =>
        Resource switch
        {
            ResourceKind.Vhost => "vhost",
            ResourceKind.Topic => "topic",
            _ => "resource",
        };

    public static AccessQuestion Enter(string vhost) => new(vhost, ResourceKind.Vhost, vhost, default, "");

    public static AccessQuestion Topic(TopicQuestion question) =>
        new(question.Vhost, ResourceKind.Topic, question.Exchange, question.Permission, question.RoutingKey);
}
