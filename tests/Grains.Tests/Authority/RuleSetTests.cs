using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Tests.Authority;

public class RuleSetTests
{
    [Fact]
    public void Allow_ForARole_HoldsForItAlone()
    {
        var rules = Rules.With(new RuleOptions { Role = "auditor", Resource = "topic", Name = "audit", Permissions = ["read"], Key = "log.#" });
        Assert.True(rules.Reads(Rules.User("ann", "auditor"), "log.*", "audit"));
        Assert.False(rules.Reads(Rules.User("ann", "auditor"), "#", "audit"));
        Assert.False(rules.Reads(Rules.User("ann", "auditor"), "log.*", "notifications"));
        Assert.False(rules.Reads(Rules.User("ann"), "log.*", "audit"));
        Assert.Contains("auditor", rules.Roles);
    }

    [Fact]
    public void Allow_ForARoleAndAClaim_NeedsBoth()
    {
        var rules = Rules.With(new RuleOptions { Role = "clerk", Claim = "site=berlin", Resource = "queue", Name = "berlin", Permissions = ["read"] });
        Assert.True(rules.Allows(new Subject("ann", ["clerk"], ["site=berlin"]), ResourceKind.Queue, "berlin", Permission.Read));
        Assert.False(rules.Allows(new Subject("ann", ["clerk"], []), ResourceKind.Queue, "berlin", Permission.Read));
        Assert.False(rules.Allows(new Subject("ann", [], ["site=berlin"]), ResourceKind.Queue, "berlin", Permission.Read));
        Assert.Contains("site=berlin", rules.Claims);
    }

    [Theory]
    [InlineData("user.alice.#", false)]
    [InlineData("user.alice.secret", false)]
    [InlineData("user.alice.secret.#", false)]
    [InlineData("user.alice.*", false)]
    [InlineData("user.alice.*.x", false)]
    [InlineData("user.alice.open.#", true)]
    [InlineData("user.alice", true)]
    [InlineData("user.alice.x.secret", true)]
    public void Deny_OfAKey_RefusesEveryPatternThatCouldMeetIt(string pattern, bool allowed)
    {
        var rules = Rules.With(new RuleOptions { Resource = "topic", Name = "*", Permissions = ["read"], Key = "user.{user}.secret.#", Effect = "Deny" });
        Assert.Equal(allowed, rules.Reads(Rules.User("alice"), pattern));
    }

    [Fact]
    public void Deny_OfAKeyToWrite_WinsOverAServicesRight()
    {
        var rules = Rules.With(
            new RuleOptions { Role = "service", Resource = "topic", Name = "notifications", Permissions = ["write"], Key = "user.*", Effect = "deny" });
        Assert.False(rules.Writes(Rules.User("billing", "service"), "user.alice"));
        Assert.True(rules.Writes(Rules.User("billing", "service"), "user.alice.print"));
        Assert.True(rules.Writes(Rules.User("root", "admin"), "user.alice"));
        Assert.False(rules.Writes(Rules.User("both", "admin", "service"), "user.alice"));
    }

    [Fact]
    public void Deny_OfTheVhost_TakesAllWithinIt()
    {
        var rules = Rules.With(new RuleOptions { Role = "blocked", Resource = "vhost", Name = "*", Effect = "Deny" });
        Assert.True(rules.Reads(Rules.User("alice"), "user.alice"));
        Assert.False(rules.Enters(Rules.User("alice", "blocked"), Rules.Vhost));
        Assert.False(rules.Reads(Rules.User("alice", "blocked"), "user.alice"));
    }

    [Fact]
    public void Allow_OfAnotherVhost_BringsItsConfiguredRulesButNotTheDefaultOnes()
    {
        var rules = Rules.With(
            new RuleOptions { Role = "service", Resource = "vhost", Name = "other" },
            new RuleOptions { Role = "service", Resource = "queue", Name = "jobs", Permissions = ["read"] });
        var service = Rules.User("billing", "service");
        Assert.True(rules.Enters(service, "other"));
        Assert.True(rules.Allows(service, ResourceKind.Queue, "jobs", Permission.Read, vhost: "other"));
        Assert.False(rules.Allows(service, ResourceKind.Queue, "orders", Permission.Read, vhost: "other"));
        Assert.False(rules.Allows(service, ResourceKind.Queue, "jobs", Permission.Read, vhost: "third"));
    }

    [Theory]
    [InlineData("alice", "inbox.alice.1", true)]
    [InlineData("alice", "inbox.alice.", true)]
    [InlineData("alice", "inbox.bob.1", false)]
    [InlineData("alice", "inbox.alice", false)]
    [InlineData("a", "inbox.a.b.1", true)]
    [InlineData("a.b", "inbox.a.b.1", false)]
    [InlineData("a.b", "inbox.a%2Eb.1", true)]
    [InlineData("a", "inbox.a%2Eb.1", false)]
    [InlineData("*", "inbox.alice.1", false)]
    [InlineData("*", "inbox.%2A.1", true)]
    public void Name_WithUser_HoldsTheUsersOwnNamesOnly(string user, string name, bool allowed)
    {
        var rules = Rules.With(new RuleOptions { Resource = "queue", Name = "inbox.{user}.*", Permissions = ["read"] });
        Assert.Equal(allowed, rules.Allows(Rules.User(user), ResourceKind.Queue, name, Permission.Read));
    }
}
