namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <summary>RabbitMQ's permissions.</summary>
[GenerateSerializer, Alias("NotifyOrleans.Permission")]
public enum Permission
{
    Configure,
    Write,
    Read,
}
