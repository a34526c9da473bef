using CsCheck;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Tests.Routing;

namespace NotifyOrleans.Grains.Tests.Authority.Rules;

public class DefaultRulesTests
{
    [Theory]
    [InlineData("#")]
    [InlineData("*.alice")]
    [InlineData("user.*")]
    [InlineData("user.#")]
    [InlineData("user.bob")]
    [InlineData("user.#.alice")]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.*")]
    [InlineData("*.alice.#")]
    [InlineData("#.alice.#")]
    [InlineData("user")]
    [InlineData("user.")]
    [InlineData("user..alice")]
    [InlineData("user.alic")]
    [InlineData("user.alicex")]
    [InlineData("user.Alice")]
    [InlineData("user.alice*")]
    [InlineData("user.*.alice")]
    [InlineData("user.{user}")]
    [InlineData("user.alice .#")]
    [InlineData(" user.alice")]
    [InlineData("#.user.alice")]
    [InlineData("broadcast*")]
    [InlineData("*.#")]
    [InlineData("topics.a")]
    public void Topic_PatternThatReachesForeignKeys_IsNotReadByAlice(string pattern) => Assert.False(TestRules.With().Reads(TestRules.User("alice"), pattern));

    [Theory]
    [InlineData("user.alice", true)]
    [InlineData("user.alice.#", true)]
    [InlineData("user.alice.*.done", true)]
    [InlineData("user.alice.#.done", true)]
    [InlineData("user.alice.", true)]
    [InlineData("broadcast", false)]
    [InlineData("broadcast.#", false)]
    [InlineData("broadcast.*.news", false)]
    [InlineData("topic.#", false)]
    [InlineData("topic.sport.*", false)]
    public void Topic_OwnAndSharedPatterns_AreReadAndOwnOnesByNobodyElse(string pattern, bool own)
    {
        Assert.True(TestRules.With().Reads(TestRules.User("alice"), pattern));
        Assert.True(TestRules.With().Reads(TestRules.User("alice"), pattern, "amq.topic"));
        foreach (var other in (string[])["bob", "alic", "alicea", "Alice", "*", "#", "alice.", "alice.b", "%61lice"])
            Assert.Equal(!own, TestRules.With().Reads(TestRules.User(other), pattern));
    }

    [Fact]
    public void Topic_AnyPatternAndUser_IsReadOnlyWhenEveryKeyIsTheUsersOrShared()
    {
        string[][] keys = [.. KeyGen.AllKeys(5)];
        var patterns = Gen.Select(Gen.OneOf("user.a", "user.b", "user", "", "broadcast", "topic.b"), KeyGen.Pattern)
            .Select(
                (start, rest) =>
                    start.Length == 0 ? rest
                    : rest.Length == 0 ? start
                    : $"{start}.{rest}"
            );
        patterns.Sample(
            pattern =>
            {
                var parsed = TopicPattern.Parse(pattern);
                var matched = keys.Select(key => string.Join('.', key)).Where(parsed.Matches);
                var foreign = matched.Any(key => key.Split('.') is not (["user", "a", ..] or ["broadcast", ..] or ["topic", ..]));
                // With five words and few of them the keys tell nothing of a pattern that is longer.
                return !TestRules.With().Reads(TestRules.User("a"), pattern) || !foreign;
            },
            iter: 500
        );
    }

    [Theory]
    [InlineData("a.b", "user.a%2Eb.#", true)]
    [InlineData("a.b", "user.a.b.#", false)]
    [InlineData("a", "user.a.b.#", true)]
    [InlineData("*", "user.*", false)]
    [InlineData("*", "user.%2A.x", true)]
    [InlineData("#", "user.#", false)]
    [InlineData("#", "user.%23.#", true)]
    [InlineData("%2F", "user.%2F.#", true)]
    [InlineData("a%2Eb", "user.a%2Eb.#", false)]
    [InlineData("a%2Eb", "user.a%252Eb.#", true)]
    [InlineData("{user}", "user.{user}", true)]
    public void Topic_UserIdThatMeansSomethingInKeys_NamesOneWordAndNoMore(string user, string pattern, bool allowed) =>
        Assert.Equal(allowed, TestRules.With().Reads(TestRules.User(user), pattern));

    [Fact]
    public void Topic_AnyTwoUsers_ReadNothingOfEachOther() =>
        Gen.Select(UserGen.User, UserGen.User)
            .Sample((one, other) => one == other || !TestRules.With().Reads(TestRules.User(one), $"user.{UserWord.Of(other)}.#"), iter: 20_000);

    [Theory]
    [InlineData("user.alice")]
    [InlineData("broadcast.x")]
    [InlineData("topic.x")]
    public void Topic_AnyKey_IsNotWrittenByAUser(string key) => Assert.False(TestRules.With().Writes(TestRules.User("alice"), key));

    [Theory]
    [InlineData("/", true)]
    [InlineData("other", false)]
    public void Vhost_User_EntersTheOneOfTheNotifications(string vhost, bool allowed)
    {
        Assert.Equal(allowed, TestRules.With().Enters(TestRules.User("alice"), vhost));
        Assert.Equal(allowed, TestRules.With().Enters(TestRules.User("billing", "service"), vhost));
    }

    [Theory]
    [InlineData(ResourceKind.Exchange, "notifications", Permission.Read, true)]
    [InlineData(ResourceKind.Exchange, "amq.topic", Permission.Read, true)]
    [InlineData(ResourceKind.Exchange, "notifications", Permission.Write, false)]
    [InlineData(ResourceKind.Exchange, "notifications", Permission.Configure, false)]
    [InlineData(ResourceKind.Exchange, "orders", Permission.Read, false)]
    [InlineData(ResourceKind.Exchange, "amq.default", Permission.Write, false)]
    [InlineData(ResourceKind.Exchange, "amq.fanout", Permission.Read, false)]
    [InlineData(ResourceKind.Queue, "notifications", Permission.Read, false)]
    [InlineData(ResourceKind.Queue, "alice", Permission.Read, false)]
    [InlineData(ResourceKind.Queue, "alice", Permission.Configure, false)]
    public void Resource_User_ReadsSourcesAndNothingElse(ResourceKind resource, string name, Permission permission, bool allowed) =>
        Assert.Equal(allowed, TestRules.With().Allows(TestRules.User("alice"), resource, name, permission));

    [Theory]
    [InlineData("service", true)]
    [InlineData("admin", true)]
    [InlineData("administrator", false)]
    [InlineData("Service", false)]
    public void Resource_Role_DoesEverythingInTheVhostOnly(string role, bool allowed)
    {
        var subject = TestRules.User("billing", role);
        foreach (var permission in Enum.GetValues<Permission>())
        {
            Assert.Equal(allowed, TestRules.With().Allows(subject, ResourceKind.Exchange, "orders", permission));
            Assert.Equal(allowed, TestRules.With().Allows(subject, ResourceKind.Queue, "orders", permission));
            Assert.False(TestRules.With().Allows(subject, ResourceKind.Queue, "orders", permission, vhost: "other"));
        }
        Assert.Equal(allowed, TestRules.With().Reads(subject, "#"));
        Assert.Equal(allowed, TestRules.With().Writes(subject, "user.alice"));
    }
}
