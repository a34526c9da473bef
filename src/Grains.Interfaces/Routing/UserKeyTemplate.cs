using System.Diagnostics.CodeAnalysis;

namespace NotifyOrleans.Grains.Interfaces.Routing;

/// <summary>
/// Says which routing keys of a source address a user: a topic pattern in which one word is <c>{user}</c>, such as <c>user.{user}.#</c>.
/// </summary>
public sealed class UserKeyTemplate
{
    /// <summary>The word that stands for the user.</summary>
    public const string Placeholder = "{user}";

    /// <summary>By which the recipients header addresses users in a source that has no template.</summary>
    public static readonly UserKeyTemplate Default = new($"user.{Placeholder}.#", position: 1);

    private readonly int _position;
    private readonly TopicPattern _anyUser;

    private UserKeyTemplate(string text, int position)
    {
        Text = text;
        _position = position;
        _anyUser = TopicPattern.Parse(text.Replace(Placeholder, "*", StringComparison.Ordinal));
    }

    public string Text { get; }

    /// <summary>False when the text does not hold the word <c>{user}</c> exactly once, or a <c>#</c> stands before it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out UserKeyTemplate? template)
    {
        var words = text.Split('.');
        var position = Array.IndexOf(words, Placeholder);
        var valid = position >= 0 && words.Count(word => word.Contains(Placeholder, StringComparison.Ordinal)) == 1 && !words[..position].Contains("#");
        template = valid ? new UserKeyTemplate(text, position) : null;
        return valid;
    }

    /// <summary>The user that a message with this routing key is for.</summary>
    public bool TryGetUser(string routingKey, [NotNullWhen(true)] out string? user)
    {
        user = null;
        if (!_anyUser.Matches(routingKey))
            return false;
        var word = WordAt(routingKey, _position);
        if (!UserWord.IsPlain(word))
            return false;
        user = word.ToString();
        return true;
    }

    /// <summary>All keys of one user.</summary>
    public TopicPattern KeysOf(string user) => TopicPattern.Parse(Text.Replace(Placeholder, UserWord.Of(user), StringComparison.Ordinal));

    /// <summary>
    /// The key that a user's filters see when the user was named by the recipients header: the shortest that the template allows, such as <c>user.42</c>.
    /// </summary>
    public string KeyOf(string user) =>
        string.Join(
            '.',
            Text.Split('.')
                .Where(word => word != "#")
                .Select(word =>
                    word switch
                    {
                        Placeholder => UserWord.Of(user),
                        "*" => "-",
                        _ => word,
                    }
                )
        );

    public override string ToString() => Text;

    private static ReadOnlySpan<char> WordAt(ReadOnlySpan<char> key, int position)
    {
        for (; position > 0; position--)
            key = key[(key.IndexOf('.') + 1)..];
        var end = key.IndexOf('.');
        return end < 0 ? key : key[..end];
    }
}
