namespace NotifyOrleans.Testing.RabbitMq;

/// <summary>What a test's broker has that differs from the one under <c>docker/rabbitmq</c>.</summary>
public sealed class RabbitMqBrokerOptions
{
    /// <summary>The silo that answers for users whom the broker does not know itself, such as <c>http://127.0.0.1:8081/</c>.</summary>
    public Uri? Authority { get; set; }

    /// <summary>Lines of <c>rabbitmq.conf</c>, read after the shipped file: the later of two settings holds.</summary>
    public List<string> ExtraConfig { get; } = [];

    /// <summary>Terms of <c>advanced.config</c> besides the shipped ones, such as <c>{rabbitmq_auth_backend_http, [...]}</c>.</summary>
    public List<string> ExtraAdvancedConfig { get; } = [];

    /// <summary>Its own MQTT. Shipped, but off here: a broker that has it takes 5 s longer to start, and few tests speak MQTT.</summary>
    public bool HasMqtt { get; set; }

    /// <summary>Plugins that are enabled besides the shipped ones.</summary>
    public List<string> ExtraPlugins { get; } = [];

    /// <summary>Shipped plugins that are left out, such as <c>rabbitmq_consistent_hash_exchange</c>.</summary>
    public List<string> WithoutPlugins { get; } = [];
}
