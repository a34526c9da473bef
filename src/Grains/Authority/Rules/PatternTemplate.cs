using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Authority.Rules;

/// <summary>
/// A pattern of a rule with <c>{user}</c> and <c>{claim:NAME}</c>, which stand for the asking user and for what his tokens say. Both are written as one word of
/// a routing key (<see cref="UserWord"/>), so that no id and no claim brings a star or a dot of its own. Of a claim with several values each is tried; one
/// without a value, or an empty one, leaves the pattern without meaning: then it matches nothing.
/// </summary>
internal sealed class PatternTemplate
{
    private const string ClaimPrefix = "claim:";

    /// <summary>Ways to fill in a pattern that are tried: far above what people's claims need. Above that the rule denies, or does not allow.</summary>
    private const int MaxTexts = 1000;

    // Plain text at even places, placeholders at odd ones.
    private readonly string[] _pieces;

    private PatternTemplate(string[] pieces) => _pieces = pieces;

    /// <summary>Whether it is the same for everybody.</summary>
    public bool IsPlain => _pieces.Length == 1;

    /// <summary>Whether it depends on what the asker's tokens say.</summary>
    public bool HasClaims => _pieces.Where((_, i) => i % 2 == 1).Any(piece => piece.StartsWith(ClaimPrefix, StringComparison.Ordinal));

    /// <exception cref="FormatException">There are braces around something else.</exception>
    public static PatternTemplate Parse(string text) =>
        IsSound(text)
            ? new PatternTemplate(text.Split('{', '}'))
            : throw new FormatException("Braces around something that is neither {user} nor {claim:NAME}");

    /// <summary>Whether of braces there are only those of <c>{user}</c> and <c>{claim:NAME}</c>.</summary>
    public static bool IsSound(string text)
    {
        var isPaired = text.Where(character => character is '{' or '}').Chunk(2).All(pair => pair is ['{', '}']);
        return isPaired && text.Split('{', '}').Where((_, i) => i % 2 == 1).All(IsPlaceholder);
    }

    /// <summary>The pattern for somebody, in each way that his claims allow; null when there are too many.</summary>
    public IReadOnlyCollection<string>? For(Subject subject)
    {
        List<string> texts = [_pieces[0]];
        for (var i = 1; i < _pieces.Length; i += 2)
        {
            var words = WordsOf(_pieces[i], subject);
            if (texts.Count * words.Count > MaxTexts)
                return null;
            var (placeholder, rest) = (words, _pieces[i + 1]);
            texts = [.. texts.SelectMany(text => placeholder, (text, word) => $"{text}{word}{rest}")];
        }
        return texts;
    }

    private static bool IsPlaceholder(string piece) =>
        piece == "user"
        || (piece.Length > ClaimPrefix.Length && piece.StartsWith(ClaimPrefix, StringComparison.Ordinal) && !piece.Contains('=', StringComparison.Ordinal));

    private static List<string> WordsOf(string placeholder, Subject subject)
    {
        if (placeholder == "user")
            return [UserWord.Of(subject.User)];
        var start = $"{placeholder.AsSpan(ClaimPrefix.Length)}=";
        return
        [
            .. subject
                .Claims.Where(claim => claim.Length > start.Length && claim.StartsWith(start, StringComparison.Ordinal))
                .Select(claim => UserWord.Of(claim[start.Length..])),
        ];
    }
}
