using NotifyOrleans.Grains.Authority.Rules;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Tests.Authority.Rules;

public class RuleSetTests
{
    [Fact]
    public void Allow_ForARole_HoldsForItAlone()
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Role = "auditor",
                Resource = "topic",
                Name = "audit",
                Permissions = ["read"],
                Key = "log.#",
            }
        );
        Assert.True(rules.Reads(TestRules.User("ann", "auditor"), "log.*", "audit"));
        Assert.False(rules.Reads(TestRules.User("ann", "auditor"), "#", "audit"));
        Assert.False(rules.Reads(TestRules.User("ann", "auditor"), "log.*", "notifications"));
        Assert.False(rules.Reads(TestRules.User("ann"), "log.*", "audit"));
        Assert.Contains("auditor", rules.Roles);
    }

    [Fact]
    public void Allow_ForARoleAndAClaim_NeedsBoth()
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Role = "clerk",
                Claim = "site=berlin",
                Resource = "queue",
                Name = "berlin",
                Permissions = ["read"],
            }
        );
        Assert.True(rules.Allows(new Subject("ann", ["clerk"], ["site=berlin"]), ResourceKind.Queue, "berlin", Permission.Read));
        Assert.False(rules.Allows(new Subject("ann", ["clerk"], []), ResourceKind.Queue, "berlin", Permission.Read));
        Assert.False(rules.Allows(new Subject("ann", [], ["site=berlin"]), ResourceKind.Queue, "berlin", Permission.Read));
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
        var rules = TestRules.With(
            new RuleOptions
            {
                Resource = "topic",
                Name = "*",
                Permissions = ["read"],
                Key = "user.{user}.secret.#",
                Effect = "Deny",
            }
        );
        Assert.Equal(allowed, rules.Reads(TestRules.User("alice"), pattern));
    }

    [Fact]
    public void Deny_OfAKeyToWrite_WinsOverAServicesRight()
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Role = "service",
                Resource = "topic",
                Name = "notifications",
                Permissions = ["write"],
                Key = "user.*",
                Effect = "deny",
            }
        );
        Assert.False(rules.Writes(TestRules.User("billing", "service"), "user.alice"));
        Assert.True(rules.Writes(TestRules.User("billing", "service"), "user.alice.print"));
        Assert.True(rules.Writes(TestRules.User("root", "admin"), "user.alice"));
        Assert.False(rules.Writes(TestRules.User("both", "admin", "service"), "user.alice"));
    }

    [Theory]
    [InlineData("site=berlin", "", "", "x-*", "a.#", false)]
    [InlineData("", "log", "", "x-*", "a.#", false)]
    [InlineData("", "", "", "x-{claim:site}", "a.#", false)]
    [InlineData("", "", "", "x-*", "{claim:site}.#", false)]
    [InlineData("", "", "", "x-*", "{user}.#", true)]
    [InlineData("", "", "blocked", "x-{user}", "a.#", true)]
    public void Deny_ThatDependsOnClaims_MayTakeAwayWhatIsAllowedWithoutThem(string claim, string scope, string role, string name, string key, bool certain)
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Claim = claim,
                Scope = scope,
                Role = role,
                Resource = "topic",
                Name = name,
                Permissions = ["read"],
                Key = key,
                Effect = "Deny",
            }
        );
        Assert.Equal(certain, rules.AllowsWhateverIsClaimed(new AccessQuestion(TestRules.Vhost, ResourceKind.Topic, "x-log", Permission.Read, "a.b")));
    }

    [Fact]
    public void Deny_OfTheVhost_TakesAllWithinIt()
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Role = "blocked",
                Resource = "vhost",
                Name = "*",
                Effect = "Deny",
            }
        );
        Assert.True(rules.Reads(TestRules.User("alice"), "user.alice"));
        Assert.False(rules.Enters(TestRules.User("alice", "blocked"), TestRules.Vhost));
        Assert.False(rules.Reads(TestRules.User("alice", "blocked"), "user.alice"));
    }

    [Fact]
    public void Allow_OfAnotherVhost_BringsItsConfiguredRulesButNotTheDefaultOnes()
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Role = "service",
                Resource = "vhost",
                Name = "other",
            },
            new RuleOptions
            {
                Role = "service",
                Resource = "queue",
                Name = "jobs",
                Permissions = ["read"],
            }
        );
        var service = TestRules.User("billing", "service");
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
        var rules = TestRules.With(
            new RuleOptions
            {
                Resource = "queue",
                Name = "inbox.{user}.*",
                Permissions = ["read"],
            }
        );
        Assert.Equal(allowed, rules.Allows(TestRules.User(user), ResourceKind.Queue, name, Permission.Read));
    }

    [Fact]
    public void Allow_ForAScope_HoldsForItAlone()
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Scope = "audit.read",
                Role = "auditor",
                Resource = "queue",
                Name = "audit",
                Permissions = ["read"],
            }
        );
        Assert.True(rules.Allows(new Subject("ann", ["auditor"], ["scope=openid", "scope=audit.read"]), ResourceKind.Queue, "audit", Permission.Read));
        Assert.False(rules.Allows(new Subject("ann", ["auditor"], ["scope=openid", "scp=audit.read"]), ResourceKind.Queue, "audit", Permission.Read));
        Assert.False(rules.Allows(new Subject("ann", [], ["scope=audit.read"]), ResourceKind.Queue, "audit", Permission.Read));
    }

    [Theory]
    [InlineData("tenant.t1.#", true)]
    [InlineData("tenant.t2.news", true)]
    [InlineData("tenant.t3.news", false)]
    [InlineData("tenant.*.news", false)]
    [InlineData("tenant.#", false)]
    public void Key_WithAClaim_HoldsTheKeysOfEachOfItsValues(string pattern, bool allowed)
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Resource = "topic",
                Name = "notifications",
                Permissions = ["read"],
                Key = "tenant.{claim:tenant}.#",
            }
        );
        Assert.Equal(allowed, rules.Reads(new Subject("ann", [], ["tenant=t1", "tenant=t2", "other=t3"]), pattern));
        Assert.False(rules.Reads(TestRules.User("ann"), pattern));
    }

    [Theory]
    [InlineData("#", "tenant.a", false)]
    [InlineData("*", "tenant.a", false)]
    [InlineData("a.b", "tenant.a.b", false)]
    [InlineData("a.b", "tenant.a%2Eb", true)]
    [InlineData("a.#", "tenant.a.b", false)]
    [InlineData("%2E", "tenant.%2E", false)]
    [InlineData("%2E", "tenant.%252E", true)]
    [InlineData("", "tenant.", false)]
    [InlineData("{user}", "tenant.ann", false)]
    [InlineData("{user}", "tenant.{user}", true)]
    [InlineData("{claim:role}", "tenant.boss", false)]
    [InlineData("a\r\nb", "tenant.a", false)]
    public void Key_WithAClaimThatMeansSomethingInKeys_IsOneWordAndNoMore(string value, string pattern, bool allowed)
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Resource = "topic",
                Name = "notifications",
                Permissions = ["read"],
                Key = "tenant.{claim:tenant}",
            }
        );
        Assert.Equal(allowed, rules.Reads(new Subject("ann", [], [$"tenant={value}", "role=boss"]), pattern));
    }

    [Theory]
    [InlineData("t", "inbox-t-1", true)]
    [InlineData("t", "inbox-u-1", false)]
    [InlineData("*", "inbox-u-1", false)]
    [InlineData("*", "inbox-%2A-1", true)]
    [InlineData("", "inbox--1", false)]
    [InlineData("", "inbox-x-1", false)]
    public void Name_WithAClaim_HoldsTheNamesOfItsValueOnly(string value, string name, bool allowed)
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Resource = "queue",
                Name = "inbox-{claim:tenant}-*",
                Permissions = ["read"],
            }
        );
        Assert.Equal(allowed, rules.Allows(new Subject("ann", [], [$"tenant={value}"]), ResourceKind.Queue, name, Permission.Read));
    }

    [Fact]
    public void Deny_WithAClaim_BitesWhoeverHasIt_AndWhoHasTooManyToTry()
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Resource = "topic",
                Name = "notifications",
                Permissions = ["read"],
                Key = "area.#",
            },
            new RuleOptions
            {
                Resource = "topic",
                Name = "notifications",
                Permissions = ["read"],
                Key = "area.{claim:closed}.{claim:closed}",
                Effect = "Deny",
            }
        );
        Assert.True(rules.Reads(TestRules.User("ann"), "area.x.y"));
        Assert.True(rules.Reads(new Subject("ann", [], ["closed=x"]), "area.x.y"));
        Assert.False(rules.Reads(new Subject("ann", [], ["closed=x", "closed=y"]), "area.x.y"));
        string[] many = [.. Enumerable.Range(0, 100).Select(i => $"closed={i}")];
        Assert.False(rules.Reads(new Subject("ann", [], many), "area.x.y"));
    }

    [Fact]
    public void Allow_WithMoreClaimsThanCanBeTried_IsNone()
    {
        var rules = TestRules.With(
            new RuleOptions
            {
                Resource = "queue",
                Name = "{claim:a}-{claim:a}",
                Permissions = ["read"],
            }
        );
        string[] many = [.. Enumerable.Range(0, 100).Select(i => $"a={i}")];
        Assert.True(rules.Allows(new Subject("ann", [], many[..30]), ResourceKind.Queue, "7-8", Permission.Read));
        Assert.False(rules.Allows(new Subject("ann", [], many), ResourceKind.Queue, "7-8", Permission.Read));
    }
}
