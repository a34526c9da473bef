using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Authority;

/// <summary>
/// Names of vhosts, exchanges or queues: <c>*</c> is any text, also none, and <c>{user}</c> is the asking user. The user is written as in routing keys
/// (<see cref="UserWord"/>), so that no user id brings a star of its own, and <c>inbox.{user}.*</c> of the user <c>a</c> does not hold what is <c>a.b</c>'s.
/// </summary>
public sealed class NamePattern
{
    // What stands between the stars.
    private readonly string[] _parts;
    private readonly bool _ofUser;

    private NamePattern(string[] parts, bool ofUser) => (_parts, _ofUser) = (parts, ofUser);

    public static NamePattern Parse(string text) => new(text.Split('*'), text.Contains(UserKeyTemplate.Placeholder, StringComparison.Ordinal));

    /// <summary>The name itself, whatever it holds.</summary>
    public static NamePattern Literal(string name) => new([name], ofUser: false);

    public bool Matches(string name, string user) =>
        Matches(name, _ofUser ? Array.ConvertAll(_parts, part => OfUser(part, user)) : _parts);

    private static string OfUser(string part, string user) => part.Replace(UserKeyTemplate.Placeholder, UserWord.Of(user), StringComparison.Ordinal);

    /// <summary>The first part at the start, the last at the end, those between wherever they are met first.</summary>
    private static bool Matches(ReadOnlySpan<char> name, string[] parts)
    {
        if (parts.Length == 1)
            return name.SequenceEqual(parts[0]);
        if (name.Length < parts[0].Length + parts[^1].Length || !name.StartsWith(parts[0]) || !name.EndsWith(parts[^1]))
            return false;
        var rest = name[parts[0].Length..^parts[^1].Length];
        foreach (var part in parts.AsSpan(1..^1))
        {
            var found = rest.IndexOf(part, StringComparison.Ordinal);
            if (found < 0)
                return false;
            rest = rest[(found + part.Length)..];
        }
        return true;
    }
}
