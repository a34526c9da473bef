using System.Diagnostics.CodeAnalysis;

namespace NotifyOrleans.Grains.Interfaces.Routing;

/// <summary>
/// An AMQP topic pattern (AMQP 0-9-1, 3.1.3.3): words divided by dots, where <c>*</c> stands for exactly one word and <c>#</c> for any number of words.
/// </summary>
public sealed class TopicPattern
{
    /// <summary>AMQP's limit for a routing key, in bytes.</summary>
    public const int MaxBytes = 255;

    private readonly string[] _words;

    private TopicPattern(string text, string[] words) => (Text, _words) = (text, words);

    public string Text { get; }

    /// <summary>Whether it is one key and no more.</summary>
    public bool IsLiteral => !_words.Any(word => word is "*" or "#");

    /// <summary>Every text is a pattern; use <see cref="TryParse"/> where the length has to be checked.</summary>
    public static TopicPattern Parse(string text) => new(text, text.Length == 0 ? [] : text.Split('.'));

    /// <summary>False when the text is longer than a routing key may be.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TopicPattern? pattern)
    {
        pattern = System.Text.Encoding.UTF8.GetByteCount(text) <= MaxBytes ? Parse(text) : null;
        return pattern is not null;
    }

    /// <summary>Whether a message with this routing key would be routed by the pattern.</summary>
    public bool Matches(string routingKey)
    {
        if (_words is ["#"])
            return true;
        var states = new Positions(_words);
        states.Begin();
        foreach (var word in Words(routingKey))
        {
            states.Step(word);
            if (states.IsEmpty)
                return false;
        }
        return states.IsAccepting;
    }

    /// <summary>Whether every key that this pattern matches is matched by <paramref name="other"/> too.</summary>
    public bool IsInside(TopicPattern other)
    {
        // Walks this pattern and, beside it, the set of positions that the other can be in. A wildcard is walked as a word that no
        // pattern holds: a word that one of them does hold would only reach more positions of the other.
        var states = new Positions(other._words);
        states.Begin();
        return IsInside(0, states, []);
    }

    private bool IsInside(int at, Positions states, HashSet<(int, string)> seen)
    {
        if (at == _words.Length)
            return states.IsAccepting;
        if (!seen.Add((at, states.Key)))
            return true;
        if (_words[at] != "#")
        {
            var next = states.Copy();
            next.Step(_words[at] == "*" ? null : _words[at]);
            return IsInside(at + 1, next, seen);
        }
        if (!IsInside(at + 1, states, seen))
            return false;
        var more = states.Copy();
        more.Step(null);
        return IsInside(at, more, seen);
    }

    private static string[] Words(string routingKey) => routingKey.Length == 0 ? [] : routingKey.Split('.');

    public override string ToString() => Text;

    /// <summary>The positions in a pattern's words that a walk over a key may have reached.</summary>
    private sealed class Positions(string[] words)
    {
        private bool[] _at = new bool[words.Length + 1];

        public bool IsEmpty => !_at.Contains(true);

        public bool IsAccepting => _at[words.Length];

        public string Key => string.Create(_at.Length, _at, static (text, at) =>
        {
            for (var i = 0; i < at.Length; i++)
                text[i] = at[i] ? '1' : '0';
        });

        public void Begin() => Reach(_at, 0);

        public Positions Copy() => new(words) { _at = [.. _at] };

        /// <summary>Takes one word; null is a word that no pattern holds.</summary>
        public void Step(string? word)
        {
            var next = new bool[_at.Length];
            for (var i = 0; i < words.Length; i++)
            {
                if (!_at[i])
                    continue;
                if (words[i] == "#")
                    Reach(next, i);
                else if (words[i] == "*" || (word is not null && words[i] == word))
                    Reach(next, i + 1);
            }
            _at = next;
        }

        private void Reach(bool[] at, int position)
        {
            at[position] = true;
            if (position < words.Length && words[position] == "#")
                Reach(at, position + 1);
        }
    }
}
