using CsCheck;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Tests.Routing;

public class UserWordTests
{
    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("a.b", "a%2Eb")]
    [InlineData("*", "%2A")]
    [InlineData("#", "%23")]
    [InlineData("a%2Eb", "a%252Eb")]
    [InlineData("100%", "100%")]
    [InlineData("%2F", "%2F")]
    public void Of_User_EscapesOnlyWhatMeansSomething(string user, string word)
    {
        Assert.Equal(word, UserWord.Of(user));
        Assert.Equal(user == word, UserWord.IsPlain(user));
    }

    [Fact]
    public void IsPlain_EmptyUser_IsNoWord() => Assert.False(UserWord.IsPlain(""));

    [Fact]
    public void Of_AnyUser_IsOneWordThatIsNoWildcard() =>
        UserGen.User.Sample(user => !UserWord.Of(user).Contains('.') && TopicPattern.Parse(UserWord.Of(user)).IsLiteral, iter: 20_000);

    [Fact]
    public void Of_AnyTwoUsers_GivesDifferentWords() =>
        Gen.Select(UserGen.User, UserGen.User).Sample((one, other) => one == other || UserWord.Of(one) != UserWord.Of(other), iter: 100_000);
}
