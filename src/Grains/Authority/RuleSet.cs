using System.Collections.Frozen;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Authority;

/// <summary>
/// All rules in force. A matching deny wins, then a matching allow, else the answer is no. What is in a vhost that the user may not enter is never allowed.
/// </summary>
public sealed class RuleSet
{
    private readonly FrozenDictionary<ResourceKind, AccessRule[]> _rules;

    private readonly AddressRanges _addresses;

    public RuleSet(IReadOnlyCollection<AccessRule> rules, AddressRanges? addresses = null)
    {
        _addresses = addresses ?? AddressRanges.Everywhere;
        _rules = rules.GroupBy(rule => rule.Resource).ToFrozenDictionary(group => group.Key, group => group.ToArray());
        Roles = rules.Select(rule => rule.Role).OfType<string>().Concat(_addresses.Roles).ToFrozenSet();
        Claims = rules.Select(rule => rule.Claim).OfType<string>().ToFrozenSet();
    }

    /// <summary>Roles that rules or address ranges name; others are of no use here.</summary>
    public IReadOnlySet<string> Roles { get; }

    /// <summary>Claims that rules name, as <c>name=value</c>.</summary>
    public IReadOnlySet<string> Claims { get; }

    public bool Allows(Subject subject, AccessQuestion question) =>
        question.Resource == ResourceKind.Vhost
            ? Decide(subject, question)
            : Decide(subject, AccessQuestion.Enter(question.Vhost)) && Decide(subject, question);

    /// <inheritdoc cref="AddressRanges.Allow"/>
    public bool AllowsFrom(IEnumerable<string> roles, string? address) => _addresses.Allow(roles, address);

    private bool Decide(Subject subject, AccessQuestion question)
    {
        var allowed = false;
        foreach (var rule in _rules.GetValueOrDefault(question.Resource, []))
        {
            if (!rule.AppliesTo(subject, question))
                continue;
            if (rule.Effect == AccessEffect.Deny && rule.Touches(subject, question))
                return false;
            allowed = allowed || (rule.Effect == AccessEffect.Allow && rule.Covers(subject, question));
        }
        return allowed;
    }
}
