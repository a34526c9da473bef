using System.Text.Json;

namespace NotifyOrleans.Testing.RabbitMq;

/// <summary>A queue as the management API shows it. Counts are up to a second old; for exact ones ask by AMQP.</summary>
public sealed record QueueInfo(
    string Name,
    string Vhost,
    string Type,
    bool Durable,
    long Messages,
    long MessagesUnacknowledged,
    int Consumers,
    JsonElement Arguments
);
