namespace NotifyOrleans.Testing.RabbitMq;

/// <summary>A binding as the management API shows it.</summary>
public sealed record BindingInfo(string Source, string Vhost, string Destination, string DestinationType, string RoutingKey);
