using CsCheck;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Tests.Routing;

public class UserKeyTemplateTests
{
    [Theory]
    [InlineData("user.{user}.#", true)]
    [InlineData("{user}", true)]
    [InlineData("*.{user}", true)]
    [InlineData("user.42", false)]
    [InlineData("", false)]
    [InlineData("user.u{user}", false)]
    [InlineData("{user}.{user}", false)]
    [InlineData("{user}.x{user}", false)]
    [InlineData("#.{user}", false)]
    public void TryParse_Text_NeedsTheUserAsOneWordAtAKnownPlace(string text, bool valid) => Assert.Equal(valid, UserKeyTemplate.TryParse(text, out _));

    [Theory]
    [InlineData("user.{user}.#", "user.42", "42")]
    [InlineData("user.{user}.#", "user.42.print.done", "42")]
    [InlineData("*.{user}.#", "printer.42.done", "42")]
    [InlineData("{user}", "42", "42")]
    [InlineData("user.{user}.#", "user.", null)]
    [InlineData("user.{user}.#", "user", null)]
    [InlineData("user.{user}.#", "users.42", null)]
    [InlineData("user.{user}", "user.42.x", null)]
    [InlineData("user.{user}.#", "user.*", null)]
    [InlineData("user.{user}.#", "user.#.x", null)]
    [InlineData("user.{user}.#", "user.a%2Eb", null)]
    [InlineData("user.{user}.#", "user.a%2eb", "a%2eb")]
    public void TryGetUser_Key_TakesPlainWordsOnly(string template, string key, string? user)
    {
        Assert.Equal(user is not null, Template(template).TryGetUser(key, out var found));
        Assert.Equal(user, found);
    }

    [Theory]
    [InlineData("user.{user}.#", "42", "user.42.#", "user.42")]
    [InlineData("user.{user}.#", "a.b", "user.a%2Eb.#", "user.a%2Eb")]
    [InlineData("*.{user}.x", "#", "*.%23.x", "-.%23.x")]
    public void KeysOf_User_StandsAsOneWord(string template, string user, string keys, string key)
    {
        Assert.Equal(keys, Template(template).KeysOf(user).Text);
        Assert.Equal(key, Template(template).KeyOf(user));
    }

    [Fact]
    public void KeysOf_AnyTwoUsers_HaveNoKeyInCommon() =>
        Gen.Select(UserGen.User, UserGen.User)
            .Sample((one, other) => one == other || !Template("user.{user}.#").KeysOf(one).Overlaps(Template("user.{user}.#").KeysOf(other)), iter: 20_000);

    [Fact]
    public void KeyOf_AnyUser_IsAmongTheUsersKeys() =>
        UserGen.User.Sample(user => Template("*.{user}.#").KeysOf(user).Matches(Template("*.{user}.#").KeyOf(user)), iter: 20_000);

    private static UserKeyTemplate Template(string text)
    {
        Assert.True(UserKeyTemplate.TryParse(text, out var template));
        return template;
    }
}
