namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>The rules in force, which a change of the configuration puts others in place of. A question is answered by one set of them.</summary>
/// <param name="first">Those at the start.</param>
public sealed class CurrentRules(RuleSet first)
{
    private volatile RuleSet _value = first;

    public RuleSet Value
    {
        get => _value;
        set => _value = value;
    }
}
