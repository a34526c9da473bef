namespace NotifyOrleans.Grains.Interfaces.Routing;

/// <summary>
/// An AMQP topic pattern (AMQP 0-9-1, 3.1.3.3): words divided by dots, where <c>*</c> stands for exactly one word and <c>#</c> for any number of words.
/// As in RabbitMQ a word may be empty, and the empty key has no words.
/// </summary>
public sealed class TopicPattern
{
    internal const string OneWord = "*";
    internal const string AnyWords = "#";

    private readonly string[] _words;

    private TopicPattern(string text, string[] words) => (Text, _words) = (text, words);

    public string Text { get; }

    internal ReadOnlySpan<string> Words => _words;

    /// <summary>Whether it is one key and no more.</summary>
    public bool IsLiteral => !_words.Any(word => word is OneWord or AnyWords);

    /// <summary>Every text is a pattern; whether it is longer than a key may be is for the caller to look at.</summary>
    public static TopicPattern Parse(string text) => new(text, text.Length == 0 ? [] : text.Split('.'));

    /// <summary>Whether a message with this routing key would be routed by the pattern. Allocates nothing.</summary>
    public bool Matches(string routingKey)
    {
        // Each # first takes no word; where the rest then fails, the last # takes one word more. Earlier ones need not be tried again:
        // what they could take, the last can.
        var at = routingKey.Length == 0 ? 1 : 0;
        var word = 0;
        var afterLastAny = -1;
        var retryAt = 0;
        while (at <= routingKey.Length)
        {
            var end = EndOfWord(routingKey, at);
            if (word < _words.Length && _words[word] == AnyWords)
            {
                if (word == _words.Length - 1)
                    return true;
                afterLastAny = ++word;
                retryAt = at;
            }
            else if (word < _words.Length && (_words[word] == OneWord || routingKey.AsSpan(at, end - at).SequenceEqual(_words[word])))
            {
                word++;
                at = end + 1;
            }
            else if (afterLastAny >= 0)
            {
                word = afterLastAny;
                at = retryAt = EndOfWord(routingKey, retryAt) + 1;
            }
            else
            {
                return false;
            }
        }
        return !_words.AsSpan(word).ContainsAnyExcept(AnyWords);
    }

    /// <summary>Whether every key that this pattern matches is matched by <paramref name="other"/> too.</summary>
    public bool IsInside(TopicPattern other) => new PatternContainment(_words, other._words).Holds();

    /// <summary>Whether there is a key that both match.</summary>
    public bool Overlaps(TopicPattern other)
    {
        // common[i, j]: the words from i on and the other's from j on have a key in common.
        var mine = _words;
        var theirs = other._words;
        var common = new bool[mine.Length + 1, theirs.Length + 1];
        for (var i = mine.Length; i >= 0; i--)
        {
            for (var j = theirs.Length; j >= 0; j--)
            {
                common[i, j] = (i < mine.Length, j < theirs.Length) switch
                {
                    (false, false) => true,
                    (true, false) => mine[i] == AnyWords && common[i + 1, j],
                    (false, true) => theirs[j] == AnyWords && common[i, j + 1],
                    _ when mine[i] == AnyWords || theirs[j] == AnyWords => common[i + 1, j] || common[i, j + 1],
                    _ => (mine[i] == OneWord || theirs[j] == OneWord || mine[i] == theirs[j]) && common[i + 1, j + 1],
                };
            }
        }
        return common[0, 0];
    }

    public override string ToString() => Text;

    private static int EndOfWord(string key, int start)
    {
        var dot = key.IndexOf('.', start);
        return dot < 0 ? key.Length : dot;
    }
}
