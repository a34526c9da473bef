using CsCheck;
using NotifyOrleans.Grains.Authority.Rules;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Tests.Authority.Rules;

public class WildcardContainmentTests
{
    // The letter c is in no pattern and in no wildcard, so what is not held has a witness of up to five letters.
    private static readonly string[] Keys = [.. AllTexts(6)];

    private static readonly Gen<string> Pattern = Gen.OneOf("a", "b", "*", "#").List[0, 3].Select(words => string.Join('.', words));
    private static readonly Gen<string> Wildcards = Gen.OneOf("a", "b", ".", "*", "*").List[0, 5].Select(string.Concat);

    [Fact]
    public void Holds_AnyPatternAndWildcards_AgreesWithBruteForce() =>
        Gen.Select(Pattern, Wildcards.List[1, 3])
            .Sample(
                (pattern, texts) =>
                {
                    var parsed = TopicPattern.Parse(pattern);
                    Wildcard[] wildcards = [.. texts.Select(Wildcard.Parse)];
                    return WildcardContainment.Holds(parsed, wildcards)
                        == Keys.Where(parsed.Matches).All(key => wildcards.Any(wildcard => wildcard.Matches(key)));
                },
                iter: 300
            );

    [Theory]
    [InlineData("#", "*.a*", "*", true)]
    [InlineData("*", "a*", "b*", false)]
    [InlineData("*.\uffff", "*\uffff", "x", true)]
    [InlineData("*", "\uffff", "", false)]
    public void Holds_OfSeveral_IsTrueWhenTogetherTheyHaveAllKeys(string pattern, string one, string other, bool holds) =>
        Assert.Equal(holds, WildcardContainment.Holds(TopicPattern.Parse(pattern), [Wildcard.Parse(one), Wildcard.Parse(other)]));

    [Fact]
    public void Holds_MadeToGrowWithoutEnd_IsGivenUpAndRefused() =>
        Assert.False(WildcardContainment.Holds(TopicPattern.Parse(string.Join('.', Enumerable.Repeat("#.a", 40))), [Wildcard.Parse("*")]));

    private static IEnumerable<string> AllTexts(int length) =>
        length == 0
            ? [""]
            : AllTexts(length - 1)
                .SelectMany(text => text.Length == length - 1 ? new[] { text, text + "a", text + "b", text + "c", text + "." } : [text])
                .Distinct();
}
