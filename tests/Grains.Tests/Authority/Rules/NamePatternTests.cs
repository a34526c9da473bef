using System.Text.RegularExpressions;
using CsCheck;
using NotifyOrleans.Grains.Authority.Rules;

namespace NotifyOrleans.Grains.Tests.Authority.Rules;

public class NamePatternTests
{
    private static readonly Gen<string> Text = Gen.OneOf("a", "b", ".", "ab").List[0, 6].Select(string.Concat);
    private static readonly Gen<string> Pattern = Gen.OneOf("a", "b", ".", "*", "*").List[0, 6].Select(string.Concat);

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "orders", true)]
    [InlineData("orders", "orders", true)]
    [InlineData("orders", "orders2", false)]
    [InlineData("orders", "Orders", false)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("stomp-subscription-*", "stomp-subscription-x1", true)]
    [InlineData("*.log", "a.log.b", false)]
    public void Matches_Name_StarIsAnyText(string pattern, string name, bool matches) =>
        Assert.Equal(matches, NamePattern.Parse(pattern).Matches(name, TestRules.User("alice")));

    [Fact]
    public void Matches_AnyPatternAndName_AgreesWithARegularExpression() =>
        Gen.Select(Pattern, Text)
            .Sample(
                (pattern, text) =>
                {
                    var expression = Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal);
                    return NamePattern.Parse(pattern).Matches(text, TestRules.User("alice")) == Regex.IsMatch(text, $"^{expression}$");
                },
                iter: 20_000
            );

    [Fact]
    public void Literal_NameWithAStar_IsThatNameOnly()
    {
        Assert.True(NamePattern.Literal("a*{user}").Matches("a*{user}", TestRules.User("bob")));
        Assert.False(NamePattern.Literal("a*{user}").Matches("abbob", TestRules.User("bob")));
    }
}
