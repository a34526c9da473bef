using System.Collections.Frozen;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>
/// All rules in force. A matching deny wins, then a matching allow or a scope in RabbitMQ's form, else the answer is no. What is in a vhost that the user may
/// not enter is never allowed.
/// </summary>
public sealed class RuleSet
{
    private readonly FrozenDictionary<ResourceKind, AccessRule[]> _rules;

    private readonly AddressRanges _addresses;
    private readonly string _scopePrefix;
    private readonly string _scopeStart;

    /// <param name="rules">The rules.</param>
    /// <param name="addresses">From where bearers of roles may come; null = from everywhere.</param>
    /// <param name="scopeClaim">The claim that holds scopes.</param>
    /// <param name="scopePrefix">What scopes in RabbitMQ's form begin with.</param>
    public RuleSet(IReadOnlyCollection<AccessRule> rules, AddressRanges? addresses = null, string scopeClaim = "scope", string scopePrefix = "")
    {
        (_scopeStart, _scopePrefix) = ($"{scopeClaim}=", scopePrefix);
        _addresses = addresses ?? AddressRanges.Everywhere;
        _rules = rules.GroupBy(rule => rule.Resource).ToFrozenDictionary(group => group.Key, group => group.ToArray());
        Roles = rules.Select(rule => rule.Role).OfType<string>().Concat(_addresses.Roles).ToFrozenSet();
    }

    /// <summary>Roles that rules or address ranges name; others are of no use here.</summary>
    public IReadOnlySet<string> Roles { get; }

    /// <summary>Tells these rules from others, the same in each silo that has them.</summary>
    public string Version { get; init; } = "";

    public bool Allows(Subject subject, AccessQuestion question)
    {
        string[] scopes =
        [
            .. subject.Claims.Where(claim => claim.StartsWith(_scopeStart, StringComparison.Ordinal)).Select(claim => claim[_scopeStart.Length..]),
        ];
        return question.Resource == ResourceKind.Vhost
            ? Decide(subject, scopes, question)
            : Decide(subject, scopes, AccessQuestion.Enter(question.Vhost)) && Decide(subject, scopes, question);
    }

    /// <summary>Whether no claim or scope can take away what is allowed.</summary>
    public bool AllowsWhateverIsClaimed(AccessQuestion question) =>
        !((ResourceKind[])[ResourceKind.Vhost, question.Resource])
            .SelectMany(kind => _rules.GetValueOrDefault(kind, []))
            .Any(rule => rule.Effect == AccessEffect.Deny && rule.HasClaims);

    /// <inheritdoc cref="AddressRanges.Allow"/>
    public bool AllowsFrom(IEnumerable<string> roles, string? address) => _addresses.Allow(roles, address);

    private bool Decide(Subject subject, string[] scopes, AccessQuestion question)
    {
        var allowed = false;
        foreach (var rule in _rules.GetValueOrDefault(question.Resource, []))
        {
            if (!rule.AppliesTo(subject, scopes, question))
                continue;
            if (rule.Effect == AccessEffect.Deny && rule.Touches(subject, question))
                return false;
            allowed = allowed || (rule.Effect == AccessEffect.Allow && rule.Covers(subject, question));
        }
        return allowed || ScopePermission.Allow(scopes, _scopePrefix, question);
    }
}
