namespace NotifyOrleans.Testing.RabbitMq;

/// <summary>An exchange as the management API shows it.</summary>
public sealed record ExchangeInfo(string Name, string Vhost, string Type, bool Durable);
