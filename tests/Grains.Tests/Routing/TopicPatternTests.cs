using CsCheck;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Tests.Routing;

public class TopicPatternTests
{
    // Two patterns of four words that differ, differ by a key of at most six.
    private static readonly string[][] Keys = [.. KeyGen.AllKeys(6)];

    [Theory]
    [InlineData("#", "", true)]
    [InlineData("#", "a.b.c", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", false)]
    [InlineData("*", "a", true)]
    [InlineData("*", "a.b", false)]
    [InlineData("*.*", ".", true)]
    [InlineData("a.*", "a.", true)]
    [InlineData("a.#", "a", true)]
    [InlineData("a.#", "a.", true)]
    [InlineData("a.#", "ab", false)]
    [InlineData("#.a", "a", true)]
    [InlineData("#.a", "b.a.a", true)]
    [InlineData("#.a", "a.b", false)]
    [InlineData("a.#.b", "a.b", true)]
    [InlineData("a.#.b", "a.b.c.b", true)]
    [InlineData("a.#.b.*", "a.b.b.c", true)]
    [InlineData("a.#.b.*", "a.b", false)]
    [InlineData("#.*", "", false)]
    [InlineData("#.*.#", "a", true)]
    [InlineData("#.#", "", true)]
    [InlineData("user.42.#", "user.42", true)]
    [InlineData("user.42.#", "user.42.print.done", true)]
    [InlineData("user.42.#", "user.421", false)]
    [InlineData("user.4*", "user.42", false)]
    [InlineData("user.4*", "user.4*", true)]
    [InlineData("A.b", "a.b", false)]
    public void Matches_KeyAndPattern_AsTheBrokerRoutes(string pattern, string key, bool matches) =>
        Assert.Equal(matches, TopicPattern.Parse(pattern).Matches(key));

    [Theory]
    [InlineData("#")]
    [InlineData("*")]
    [InlineData("a.#.b")]
    public void Matches_StarOrHashInTheKey_AreWordsLikeOthers(string key)
    {
        Assert.False(TopicPattern.Parse("a.b").Matches(key));
        Assert.Equal(key == "*" || key == "#", TopicPattern.Parse("*").Matches(key));
    }

    [Fact]
    public void Matches_AnyKeyAndPattern_AgreesWithTheDefinition() =>
        Gen.Select(KeyGen.Pattern, KeyGen.Key)
            .Sample((pattern, key) => TopicPattern.Parse(pattern).Matches(key) == Defined(Words(pattern), Words(key)), iter: 50_000);

    [Fact]
    public void Matches_AnyKey_AllocatesNothing()
    {
        var pattern = TopicPattern.Parse("#.user.*.#.done");
        Assert.True(pattern.Matches("a.user.b.c.done"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            pattern.Matches("a.user.b.c.d.user.done");
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData("user.42.#", "user.42.#", true)]
    [InlineData("user.42", "user.42.#", true)]
    [InlineData("user.42.*.done", "user.42.#", true)]
    [InlineData("user.42.#.done", "user.42.#", true)]
    [InlineData("#", "user.42.#", false)]
    [InlineData("*.42", "user.42.#", false)]
    [InlineData("user.*", "user.42.#", false)]
    [InlineData("user.#", "user.42.#", false)]
    [InlineData("user.43", "user.42.#", false)]
    [InlineData("user.#.42", "user.42.#", false)]
    [InlineData("#.42.#", "user.42.#", false)]
    [InlineData("", "user.42.#", false)]
    [InlineData("*.#", "#.*", true)]
    [InlineData("#.*", "*.#", true)]
    [InlineData("*.#.*", "*.*.#", true)]
    [InlineData("#", "*.#", false)]
    public void IsInside_TwoPatterns_OnlyWhenNoKeyIsOutside(string inner, string outer, bool inside) =>
        Assert.Equal(inside, TopicPattern.Parse(inner).IsInside(TopicPattern.Parse(outer)));

    [Fact]
    public void IsInside_AnyTwoPatterns_AgreesWithBruteForceOverAllKeys() =>
        Gen.Select(KeyGen.Pattern, KeyGen.Pattern)
            .Sample(
                (inner, outer) =>
                {
                    var (innerWords, outerWords) = (Words(inner), Words(outer));
                    var inside = Keys.Where(key => Defined(innerWords, key)).All(key => Defined(outerWords, key));
                    return TopicPattern.Parse(inner).IsInside(TopicPattern.Parse(outer)) == inside;
                },
                iter: 1_000
            );

    [Fact]
    public void Overlaps_AnyTwoPatterns_AgreesWithBruteForceOverAllKeys() =>
        Gen.Select(KeyGen.Pattern, KeyGen.Pattern)
            .Sample(
                (one, other) =>
                {
                    var (oneWords, otherWords) = (Words(one), Words(other));
                    var overlaps = Keys.Any(key => Defined(oneWords, key) && Defined(otherWords, key));
                    return TopicPattern.Parse(one).Overlaps(TopicPattern.Parse(other)) == overlaps;
                },
                iter: 1_000
            );

    [Fact]
    public void IsInside_PatternMadeToGrowTheWalk_RefusesInBoundedTime()
    {
        var outer = TopicPattern.Parse("#.a." + string.Join('.', Enumerable.Repeat("*", 40)));
        var inner = TopicPattern.Parse(string.Join('.', Enumerable.Repeat("#.a", 60)));
        Assert.False(inner.IsInside(outer));
    }

    /// <summary>The definition of AMQP, as plainly as it can be written.</summary>
    private static bool Defined(ReadOnlySpan<string> pattern, ReadOnlySpan<string> key)
    {
        if (pattern.IsEmpty)
            return key.IsEmpty;
        if (pattern[0] == "#")
            return Defined(pattern[1..], key) || (!key.IsEmpty && Defined(pattern, key[1..]));
        return !key.IsEmpty && (pattern[0] == "*" || pattern[0] == key[0]) && Defined(pattern[1..], key[1..]);
    }

    private static string[] Words(string text) => text.Length == 0 ? [] : text.Split('.');
}
