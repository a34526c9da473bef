namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>What a matching rule does. A deny wins over every allow.</summary>
public enum AccessEffect
{
    Allow,
    Deny,
}
