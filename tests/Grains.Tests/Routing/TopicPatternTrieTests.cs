using CsCheck;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Tests.Routing;

public class TopicPatternTrieTests
{
    [Fact]
    public void Match_AnyPatternsAndKeys_AgreesWithMatchingThemOneByOne() =>
        Gen.Select(KeyGen.Pattern.List[0, 12], KeyGen.Pattern.List[0, 6], KeyGen.Key.List[1, 4])
            .Sample(
                (added, removed, keys) =>
                {
                    var trie = TrieOf(added);
                    var left = added.ToHashSet();
                    foreach (var pattern in removed)
                        Assert.Equal(left.Remove(pattern), trie.Remove(TopicPattern.Parse(pattern)));
                    var expected = left.Select(TopicPattern.Parse).ToList();
                    Assert.Equal(expected.Count, trie.Count);
                    foreach (var key in keys)
                    {
                        List<string> matches = [];
                        trie.Match(key, matches);
                        var matching = expected.Where(pattern => pattern.Matches(key)).Select(pattern => pattern.Text);
                        Assert.Equal(matching.Order(StringComparer.Ordinal), matches.Order(StringComparer.Ordinal));
                        Assert.Equal(matches.Count > 0, trie.Matches(key));
                    }
                },
                iter: 20_000
            );

    [Fact]
    public void TryGet_OnlyWhatIsThere()
    {
        var trie = TrieOf(["a.*", "a.#", "a.b"]);
        Assert.True(trie.TryGet(TopicPattern.Parse("a.*"), out var value));
        Assert.Equal("a.*", value);
        Assert.False(trie.TryGet(TopicPattern.Parse("a"), out _));
        Assert.False(trie.TryGet(TopicPattern.Parse("a.*.c"), out _));
        Assert.True(trie.Remove(TopicPattern.Parse("a.*")));
        Assert.False(trie.TryGet(TopicPattern.Parse("a.*"), out _));
    }

    [Fact]
    public void Match_AmongMany_AllocatesNothing()
    {
        var trie = TrieOf([.. Enumerable.Range(0, 100_000).Select(n => $"topic.{n}.#"), "#.done", "topic.*.print.#"]);
        List<string> matches = new(10);
        trie.Match("topic.77.print.done", matches);
        Assert.Equal(["#.done", "topic.*.print.#", "topic.77.#"], matches.Order(StringComparer.Ordinal));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            matches.Clear();
            trie.Match("topic.77.print.done", matches);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static TopicPatternTrie<string> TrieOf(IEnumerable<string> patterns)
    {
        var trie = new TopicPatternTrie<string>();
        foreach (var pattern in patterns)
            trie.GetOrAdd(TopicPattern.Parse(pattern), pattern => pattern.Text);
        return trie;
    }
}
