namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <summary>What a rule or a question is about.</summary>
[GenerateSerializer, Alias("NotifyOrleans.ResourceKind")]
public enum ResourceKind
{
    Vhost,
    Exchange,
    Queue,
    Topic,
}
