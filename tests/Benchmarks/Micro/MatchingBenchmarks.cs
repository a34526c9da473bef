using BenchmarkDotNet.Attributes;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Benchmarks.Micro;

/// <summary>Finding the ten subscriptions to a topic message, among few patterns and among very many, a tenth of them with wildcards.</summary>
public class MatchingBenchmarks
{
    private const string Key = "topic.group42.item42";

    private static readonly string[] Ten =
    [
        Key,
        "topic.*.item42",
        "topic.group42.*",
        "topic.group42.#",
        "topic.*.*",
        "*.group42.item42",
        "topic.#.item42",
        "topic.group42.item42.#",
        "#.item42",
        "topic.*.item42.#",
    ];

    private readonly List<string> _matches = [];
    private TopicPatternTrie<string> _patterns = null!;

    [Params(100, 100_000)]
    public int Patterns { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _patterns = new TopicPatternTrie<string>();
        foreach (var pattern in Ten)
            Add(pattern);
        // Of other items, so that no one of them matches.
        for (var number = 1000; number < 1000 + Patterns - Ten.Length; number++)
        {
            Add(
                (number % 20) switch
                {
                    0 => $"topic.group{number}.#",
                    1 => $"topic.*.item{number}",
                    _ => $"topic.group{number % 1000}.item{number}",
                }
            );
        }
        if (Match() != Ten.Length)
            throw new InvalidOperationException($"{_matches.Count} patterns match, and not {Ten.Length}");
    }

    [Benchmark]
    public int Match()
    {
        _matches.Clear();
        _patterns.Match(Key, _matches);
        return _matches.Count;
    }

    [Benchmark]
    public int MatchNothing()
    {
        _matches.Clear();
        _patterns.Match("nobody.listens.here", _matches);
        return _matches.Count;
    }

    private void Add(string pattern) => _patterns.GetOrAdd(TopicPattern.Parse(pattern), parsed => parsed.Text);
}
