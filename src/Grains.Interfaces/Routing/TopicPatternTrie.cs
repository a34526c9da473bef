using System.Diagnostics.CodeAnalysis;

namespace NotifyOrleans.Grains.Interfaces.Routing;

/// <summary>
/// Topic patterns, each with a value, so kept that a key is matched against all of them at once: the cost depends on the key's words and on how many patterns
/// begin like it, not on how many there are. Not thread-safe, matching included.
/// </summary>
/// <typeparam name="T">What belongs to a pattern.</typeparam>
public sealed class TopicPatternTrie<T>
    where T : class
{
    private readonly Node _root = new();
    private List<Node> _reached = [];
    private List<Node> _next = [];
    private long _step;

    /// <summary>How many patterns there are.</summary>
    public int Count { get; private set; }

    /// <summary>The pattern's value, when the pattern is there.</summary>
    public bool TryGet(TopicPattern pattern, [NotNullWhen(true)] out T? value)
    {
        var node = _root;
        foreach (var word in pattern.Words)
        {
            if ((node = node!.Find(word)) is null)
                break;
        }
        value = node?.Value;
        return value is not null;
    }

    /// <summary>The pattern's value; a new one when the pattern was not there.</summary>
    public T GetOrAdd(TopicPattern pattern, Func<TopicPattern, T> create)
    {
        var node = _root;
        foreach (var word in pattern.Words)
            node = node.FindOrAdd(word);
        if (node.Value is null)
        {
            node.Value = create(pattern);
            Count++;
        }
        return node.Value;
    }

    /// <summary>Takes a pattern away; false when it is not there.</summary>
    public bool Remove(TopicPattern pattern) => Remove(_root, pattern.Words);

    /// <summary>Adds the values of all patterns that match, each once, in no order.</summary>
    public void Match(string routingKey, List<T> matches)
    {
        Walk(routingKey);
        foreach (var node in _reached)
        {
            if (node.Value is { } value)
                matches.Add(value);
        }
    }

    /// <summary>Whether any pattern matches.</summary>
    public bool Matches(string routingKey)
    {
        Walk(routingKey);
        foreach (var node in _reached)
        {
            if (node.Value is not null)
                return true;
        }
        return false;
    }

    /// <summary>Goes along all patterns at once, word by word; what is reached at the end matches.</summary>
    private void Walk(string routingKey)
    {
        _reached.Clear();
        _step++;
        Reach(_reached, _root);
        if (routingKey.Length == 0)
            return;
        foreach (var word in routingKey.AsSpan().Split('.'))
        {
            _next.Clear();
            _step++;
            foreach (var node in _reached)
                Step(node, routingKey.AsSpan(word));
            (_reached, _next) = (_next, _reached);
            if (_reached.Count == 0)
                return;
        }
    }

    private void Step(Node node, ReadOnlySpan<char> word)
    {
        if (node.IsAnyWords)
            Reach(_next, node);
        if (node.FindLiteral(word) is { } literal)
            Reach(_next, literal);
        if (node.OneWord is { } one)
            Reach(_next, one);
    }

    /// <summary>A node is reached once a step; a # behind it needs no word.</summary>
    private void Reach(List<Node> nodes, Node? node)
    {
        for (; node is not null && node.ReachedIn != _step; node = node.AnyWords)
        {
            node.ReachedIn = _step;
            nodes.Add(node);
        }
    }

    private bool Remove(Node node, ReadOnlySpan<string> words)
    {
        if (words.IsEmpty)
        {
            if (node.Value is null)
                return false;
            node.Value = null;
            Count--;
            return true;
        }
        if (node.Find(words[0]) is not { } child || !Remove(child, words[1..]))
            return false;
        if (child.IsEmpty)
            node.Drop(words[0]);
        return true;
    }

    private sealed class Node
    {
        private Dictionary<string, Node>? _literals;

        public T? Value { get; set; }

        /// <summary>What follows a <c>*</c>.</summary>
        public Node? OneWord { get; private set; }

        /// <summary>What follows a <c>#</c>.</summary>
        public Node? AnyWords { get; private set; }

        /// <summary>Whether it stands behind a <c>#</c>, which takes any word more.</summary>
        public bool IsAnyWords { get; private init; }

        public long ReachedIn { get; set; }

        public bool IsEmpty => Value is null && OneWord is null && AnyWords is null && _literals is null or { Count: 0 };

        public Node? Find(string word) =>
            word switch
            {
                TopicPattern.OneWord => OneWord,
                TopicPattern.AnyWords => AnyWords,
                _ => FindLiteral(word),
            };

        public Node? FindLiteral(ReadOnlySpan<char> word)
        {
            Node? node = null;
            _literals?.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out node);
            return node;
        }

        public Node FindOrAdd(string word)
        {
            if (Find(word) is { } known)
                return known;
            var node = new Node { IsAnyWords = word == TopicPattern.AnyWords };
            switch (word)
            {
                case TopicPattern.OneWord:
                    OneWord = node;
                    break;
                case TopicPattern.AnyWords:
                    AnyWords = node;
                    break;
                default:
                    (_literals ??= []).Add(word, node);
                    break;
            }
            return node;
        }

        public void Drop(string word)
        {
            switch (word)
            {
                case TopicPattern.OneWord:
                    OneWord = null;
                    break;
                case TopicPattern.AnyWords:
                    AnyWords = null;
                    break;
                default:
                    _literals!.Remove(word);
                    break;
            }
        }
    }
}
