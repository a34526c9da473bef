using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>A rule of the authority: who may (or may not) do what with which resource.</summary>
public sealed record AccessRule
{
    private readonly PatternTemplate? _keys;

    /// <summary>Null = everyone.</summary>
    public string? Role { get; init; }

    /// <summary><c>name=value</c>; null = everyone.</summary>
    public string? Claim { get; init; }

    /// <summary>A scope; null = everyone.</summary>
    public string? Scope { get; init; }

    /// <summary>The vhost that it holds in; null = all that the user may enter.</summary>
    public string? Vhost { get; init; }

    public required ResourceKind Resource { get; init; }

    public required NamePattern Name { get; init; }

    /// <summary>Not asked for a vhost.</summary>
    public IReadOnlyCollection<Permission> Permissions { get; init; } = [];

    /// <summary>The pattern of routing keys, with <c>{user}</c> and <c>{claim:NAME}</c>; of topic rules only.</summary>
    public string? Key
    {
        get;
        init => (field, _keys) = (value, value is null ? null : PatternTemplate.Parse(value));
    }

    public AccessEffect Effect { get; init; } = AccessEffect.Allow;

    /// <summary>Whether it depends on what the asker's tokens say, beside their roles.</summary>
    public bool HasClaims => (Claim ?? Scope) is not null || Name.HasClaims || _keys?.HasClaims == true;

    /// <summary>A configured rule, known to be without fault.</summary>
    public static AccessRule From(RuleOptions options) =>
        AccessRuleReader.Read(options, AuthorityOptions.Section, []) ?? throw new ArgumentException("The rule has a fault", nameof(options));

    /// <summary>Whether the rule has a say in a question; for topics <see cref="Covers"/> or <see cref="Touches"/> is asked next.</summary>
    /// <param name="subject">Who asks.</param>
    /// <param name="scopes">Scopes in force.</param>
    /// <param name="question">What.</param>
    public bool AppliesTo(Subject subject, IReadOnlyCollection<string> scopes, AccessQuestion question) =>
        Resource == question.Resource
        && (Role is null || subject.Roles.Contains(Role))
        && (Claim is null || subject.Claims.Contains(Claim))
        && (Scope is null || scopes.Contains(Scope))
        && (Vhost is null || Vhost == question.Vhost)
        && (Resource == ResourceKind.Vhost || Permissions.Contains(question.Permission))
        && (Name.Matches(question.Name, subject) ?? Effect == AccessEffect.Deny);

    /// <summary>Whether all keys that the question is about are the rule's.</summary>
    public bool Covers(Subject subject, AccessQuestion question)
    {
        if (_keys is null)
            return true;
        var patterns = _keys.For(subject)?.Select(TopicPattern.Parse) ?? [];
        return IsOneKey(question) ? patterns.Any(pattern => pattern.Matches(question.Key)) : patterns.Any(TopicPattern.Parse(question.Key).IsInside);
    }

    /// <summary>Whether one of the keys that the question is about is the rule's.</summary>
    public bool Touches(Subject subject, AccessQuestion question)
    {
        if (_keys is null || _keys.For(subject) is not { } texts)
            return true;
        var patterns = texts.Select(TopicPattern.Parse);
        return IsOneKey(question) ? patterns.Any(pattern => pattern.Matches(question.Key)) : patterns.Any(TopicPattern.Parse(question.Key).Overlaps);
    }

    /// <summary>A message has a routing key, in which a star is a star; whoever reads names a pattern.</summary>
    private static bool IsOneKey(AccessQuestion question) => question.Permission == Permission.Write;
}
