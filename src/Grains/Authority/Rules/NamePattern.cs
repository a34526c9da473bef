namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>
/// Names of vhosts, exchanges or queues: <c>*</c> is any text, also none; <c>{user}</c> and <c>{claim:NAME}</c> are the asking user's, see
/// <see cref="PatternTemplate"/>. So <c>inbox.{user}.*</c> of the user <c>a</c> does not hold what is <c>a.b</c>'s.
/// </summary>
public sealed class NamePattern
{
    private readonly Wildcard? _ofAll;
    private readonly PatternTemplate? _template;

    private NamePattern(Wildcard? ofAll, PatternTemplate? template) => (_ofAll, _template) = (ofAll, template);

    /// <inheritdoc cref="PatternTemplate.HasClaims"/>
    public bool HasClaims => _template?.HasClaims == true;

    /// <exception cref="FormatException">There are braces around something unknown.</exception>
    public static NamePattern Parse(string text)
    {
        var template = PatternTemplate.Parse(text);
        return template.IsPlain ? new NamePattern(Wildcard.Parse(text), null) : new NamePattern(null, template);
    }

    /// <summary>The name itself, whatever it holds.</summary>
    public static NamePattern Literal(string name) => new(new Wildcard(name), null);

    /// <summary>Whether it is such a name; null when the asker's claims allow too many.</summary>
    public bool? Matches(string name, Subject subject) =>
        _ofAll is not null ? _ofAll.Matches(name) : _template!.For(subject)?.Any(text => Wildcard.Parse(text).Matches(name));
}
