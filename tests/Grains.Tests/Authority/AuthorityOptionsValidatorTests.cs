using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Rules;

namespace NotifyOrleans.Grains.Tests.Authority;

public class AuthorityOptionsValidatorTests
{
    [Fact]
    public void Validate_EveryFaultOfEveryRule_IsNamedWithItsPlace()
    {
        var options = new AuthorityOptions
        {
            ClockSkew = TimeSpan.FromHours(1),
            MaxTokenLifetime = TimeSpan.Zero,
            UserClaim = "",
            Rules =
            [
                new RuleOptions
                {
                    Role = "two words",
                    Claim = "site",
                    Resource = "vhosts",
                    Effect = "Perhaps",
                },
                new RuleOptions
                {
                    Resource = "topic",
                    Name = "{claims:x}",
                    Scope = "two scopes",
                    Permissions = ["read", "manage", "0"],
                },
                new RuleOptions
                {
                    Resource = "queue",
                    Name = "*",
                    Key = "#",
                    Permissions = ["read"],
                },
                new RuleOptions
                {
                    Resource = "topic",
                    Name = "*",
                    Key = new string('a', 256),
                    Permissions = ["read"],
                },
                new RuleOptions { Resource = "exchange", Name = "*" },
            ],
        };
        var result = new AuthorityOptionsValidator().Validate(null, options);
        Assert.True(result.Failed);
        string[] places =
        [
            "Authority:Rules:0:Role: 'two words'",
            "Authority:Rules:0:Claim: 'site'",
            "Authority:Rules:0:Resource: 'vhosts'",
            "Authority:Rules:0:Effect: 'Perhaps'",
            "Authority:Rules:0:Name: is empty",
            "Authority:Rules:1:Scope: 'two scopes'",
            "Authority:Rules:1:Name: '{claims:x}'",
            "Authority:Rules:1:Permissions: 'manage'",
            "Authority:Rules:1:Permissions: '0'",
            "Authority:Rules:1:Key: is empty",
            "Authority:Rules:2:Key: is of topics only",
            "Authority:Rules:3:Key: is longer",
            "Authority:Rules:4:Permissions: is empty",
            "Authority:ClockSkew",
            "Authority:MaxTokenLifetime: must be above 0",
            "Authority:UserClaim",
        ];
        foreach (var place in places)
            Assert.Contains(result.Failures, fault => fault.StartsWith(place, StringComparison.Ordinal));
        Assert.Equal(places.Length, result.Failures.Count());
    }

    [Fact]
    public void Validate_SoundRules_HaveNoFault()
    {
        var options = new AuthorityOptions
        {
            Rules =
            [
                new RuleOptions { Resource = "vhost", Name = "*" },
                new RuleOptions
                {
                    Role = "auditor",
                    Claim = "scope=log.read",
                    Resource = "queue",
                    Name = "audit",
                    Permissions = ["Read", "write"],
                },
                new RuleOptions
                {
                    Resource = "Topic",
                    Name = "audit",
                    Key = "log.{user}.#",
                    Permissions = ["read"],
                    Effect = "deny",
                },
                new RuleOptions
                {
                    Resource = "queue",
                    Name = "inbox.{user}.{claim:https://example.org/tenant}.*",
                    Scope = "inbox:read",
                    Permissions = ["configure", "write", "read"],
                },
            ],
        };
        Assert.False(new AuthorityOptionsValidator().Validate(null, options).Failed);
    }
}
