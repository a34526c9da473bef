using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>
/// Whether every key that a topic pattern matches is matched by one of some wildcards, whose stars know nothing of words. A few keys stand for all: those with
/// one letter, which is in no wildcard, for each <c>*</c>, and with none or one such word for each <c>#</c>. For that letter can only be matched by a star,
/// which then matches whatever stands in its place in other keys.
/// </summary>
internal static class WildcardContainment
{
    /// <summary>Keys that are tried: for ten times <c>#</c>. Above that the answer is no, which refuses.</summary>
    private const int MaxKeys = 1024;

    public static bool Holds(TopicPattern pattern, IReadOnlyCollection<Wildcard> wildcards) =>
        KeysOf(pattern, LetterOutside(wildcards)) is { } keys && keys.All(key => wildcards.Any(wildcard => wildcard.Matches(key)));

    /// <summary>The keys that stand for all; null when they are too many.</summary>
    private static IEnumerable<string>? KeysOf(TopicPattern pattern, string letter)
    {
        List<string[]> keys =
        [
            [],
        ];
        foreach (var word in pattern.Text.Length == 0 ? [] : pattern.Text.Split('.'))
        {
            keys = word switch
            {
                "#" => [.. keys, .. keys.Select(key => key.Append(letter).ToArray())],
                _ => keys.ConvertAll(key => key.Append(word == "*" ? letter : word).ToArray()),
            };
            if (keys.Count > MaxKeys)
                return null;
        }
        return keys.Select(key => string.Join('.', key));
    }

    private static string LetterOutside(IEnumerable<Wildcard> wildcards)
    {
        var letters = wildcards.SelectMany(wildcard => wildcard.Parts).SelectMany(part => part).Append('.').ToHashSet();
        return Enumerable.Range('a', char.MaxValue - 'a').Select(letter => (char)letter).First(letter => !letters.Contains(letter)).ToString();
    }
}
