using NotifyOrleans.Grains.Authority.Rules;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Tests.Authority.Rules;

/// <summary>Scopes in RabbitMQ's form. The default vhost is written <c>%2F</c>.</summary>
public class ScopePermissionTests
{
    [Theory]
    [InlineData("read:%2F/orders", true)]
    [InlineData("read:%2f/orders", true)]
    [InlineData("read:*/*", true)]
    [InlineData("read:*/ord*", true)]
    [InlineData("read:*/*rd*s", true)]
    [InlineData("read:%2F/orders/eu.*", true)]
    [InlineData("read:%2F/%6Frders", true)]
    [InlineData("read:other/orders", false)]
    [InlineData("read:%2F/Orders", false)]
    [InlineData("read:%2F/order", false)]
    [InlineData("read:%2F/orders%2A", false)]
    [InlineData("write:%2F/orders", false)]
    [InlineData("configure:%2F/orders", false)]
    [InlineData("Read:%2F/orders", false)]
    [InlineData("read", false)]
    [InlineData("read:", false)]
    [InlineData("read:orders", false)]
    [InlineData("read://orders", false)]
    [InlineData("read:%2F/orders/a/b", false)]
    [InlineData("read:%2/orders", false)]
    [InlineData("read:%2F/orders%", false)]
    [InlineData("read:%2F/%zz*", false)]
    [InlineData("read:%2F/%FF*", false)]
    [InlineData("rabbitmq.read:*/*", false)]
    [InlineData("tag:administrator", false)]
    public void Scope_OfAName_AllowsWhatItSays(string scope, bool allowed)
    {
        Assert.Equal(allowed, TestRules.With().Allows(With(scope), ResourceKind.Queue, "orders", Permission.Read));
        Assert.Equal(allowed, TestRules.With().Allows(With(scope), ResourceKind.Exchange, "orders", Permission.Read));
    }

    [Theory]
    [InlineData("write:*/orders/eu.*", "eu.a", true)]
    [InlineData("write:*/orders/eu.*", "eu.a.b", true)]
    [InlineData("write:*/orders/eu.*", "eu", false)]
    [InlineData("write:*/orders/*.a", "eu.a", true)]
    [InlineData("write:*/orders/eu%2Ea", "eu.a", true)]
    [InlineData("write:*/orders/eu%2F*", "eu/a", true)]
    [InlineData("write:*/orders/eu+a", "eu a", true)]
    [InlineData("write:*/orders/eu%2Ba", "eu+a", true)]
    [InlineData("write:*/orders/%2A", "*", true)]
    [InlineData("write:*/orders/%2A", "a", false)]
    [InlineData("write:*/orders/#", "a", false)]
    [InlineData("write:*/orders/#", "#", true)]
    [InlineData("write:*/orders/%C3%A4*", "\u00e4.b", true)]
    [InlineData("write:*/orders/", "", true)]
    [InlineData("write:*/orders/", "a", false)]
    [InlineData("write:*/orders", "eu.a", false)]
    [InlineData("write:*/*/*", "eu.a", true)]
    [InlineData("read:*/*/*", "eu.a", false)]
    public void Scope_OfAKey_AllowsToWriteKeysThatItsTextMatches(string scope, string key, bool allowed) =>
        Assert.Equal(allowed, TestRules.With().Writes(With(scope), key, "orders"));

    [Theory]
    [InlineData("eu.*", "read:*/orders/eu.*", true)]
    [InlineData("eu.*.x", "read:*/orders/eu.*", true)]
    [InlineData("eu.a.#", "read:*/orders/eu.*", true)]
    [InlineData("eu.#", "read:*/orders/eu.*", false)]
    [InlineData("eu.#", "read:*/orders/eu.* read:*/orders/eu", true)]
    [InlineData("eu.#", "read:*/orders/eu*", true)]
    [InlineData("#", "read:*/orders/*", true)]
    [InlineData("#", "read:*/orders/eu.*", false)]
    [InlineData("*", "read:*/orders/*.*", false)]
    [InlineData("*.*", "read:*/orders/*.*", true)]
    [InlineData("*.a", "read:*/orders/eu.*", false)]
    [InlineData("eu.#.a", "read:*/orders/*.a", true)]
    [InlineData("#.a", "read:*/orders/*.a", false)]
    [InlineData("eu.a", "read:*/orders/eu.a", true)]
    [InlineData("eu.*", "read:*/orders/eu.%2A", false)]
    [InlineData("eu.#", "read:*/orders/eu.#", false)]
    [InlineData("eu.*", "read:*/orders/eu.a read:*/orders/eu.b", false)]
    [InlineData("eu.a", "read:*/orders", false)]
    [InlineData("eu.a", "write:*/orders/*", false)]
    public void Scope_OfAKey_AllowsToReadPatternsWhoseEveryKeyItMatches(string pattern, string scopes, bool allowed) =>
        Assert.Equal(allowed, TestRules.With().Reads(With(scopes.Split(' ')), pattern, "orders"));

    [Fact]
    public void Scope_InAVhost_LetsEnterIt()
    {
        Assert.True(TestRules.With().Enters(With("read:other/x"), "other"));
        Assert.True(TestRules.With().Enters(With("write:o*/x/y"), "other"));
        Assert.False(TestRules.With().Enters(With("read:another/x", "read:other"), "other"));
        Assert.True(TestRules.With().Allows(With("read:other/x"), ResourceKind.Queue, "x", Permission.Read, vhost: "other"));
        Assert.False(TestRules.With().Allows(With("read:other/x"), ResourceKind.Queue, "x", Permission.Read));
    }

    [Fact]
    public void Deny_OfARule_WinsOverAScope()
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Resource = "topic",
                Name = "*",
                Permissions = ["read"],
                Key = "eu.secret",
                Effect = "Deny",
            }
        );
        Assert.False(rules.Reads(With("read:*/*/*"), "eu.#", "orders"));
        Assert.True(rules.Reads(With("read:*/*/*"), "eu.open", "orders"));
    }

    [Fact]
    public void Prefix_IsAskedFor()
    {
        var rules = new RuleSet([.. DefaultRules.Of(TestRules.Vhost, [TestRules.Source])], scopePrefix: "rabbitmq.");
        Assert.True(rules.Reads(With("rabbitmq.read:*/*/*"), "eu.#", "orders"));
        Assert.False(rules.Reads(With("read:*/*/*", "rabbitmqXread:*/*/*"), "eu.#", "orders"));
    }

    private static Subject With(params string[] scopes) => new("ann", [], [.. scopes.Select(scope => $"scope={scope}")]);
}
