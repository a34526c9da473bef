namespace NotifyOrleans.Testing.RabbitMq;

/// <summary>An AMQP connection as the management API shows it.</summary>
/// <param name="Name">The broker's name for it, by which it can be closed.</param>
/// <param name="UserProvidedName">The name that the client gave.</param>
/// <param name="Vhost">Its vhost.</param>
/// <param name="User">Who signed in.</param>
public sealed record ConnectionInfo(string Name, string? UserProvidedName, string? Vhost, string? User);
