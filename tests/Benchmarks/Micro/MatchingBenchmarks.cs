using BenchmarkDotNet.Attributes;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Benchmarks.Micro;

/// <summary>Finding the subscriptions to a topic message, among few patterns and among very many, a tenth of them with wildcards.</summary>
public class MatchingBenchmarks
{
    private readonly List<string> _matches = [];
    private TopicPatternTrie<string> _patterns = null!;

    [Params(100, 100_000)]
    public int Patterns { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _patterns = new TopicPatternTrie<string>();
        for (var number = 0; number < Patterns; number++)
        {
            var text = (number % 20) switch
            {
                0 => $"topic.group{number}.#",
                1 => $"topic.*.item{number}",
                _ => $"topic.group{number % 1000}.item{number}",
            };
            _patterns.GetOrAdd(TopicPattern.Parse(text), pattern => pattern.Text);
        }
    }

    [Benchmark]
    public int Match()
    {
        _matches.Clear();
        _patterns.Match("topic.group42.item42", _matches);
        return _matches.Count;
    }

    [Benchmark]
    public int MatchNothing()
    {
        _matches.Clear();
        _patterns.Match("topic.nobody.listens.here", _matches);
        return _matches.Count;
    }
}
