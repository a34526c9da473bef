using NotifyOrleans.Grains.Authority.Rules;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Tests.Authority.Rules;

/// <summary>Rule sets and questions in few words.</summary>
internal static class TestRules
{
    public const string Vhost = "/";
    public const string Source = "notifications";

    /// <summary>The default rules for one source in the vhost <c>/</c>, and others.</summary>
    public static RuleSet With(params RuleOptions[] rules) => new([.. DefaultRules.Of(Vhost, [Source]), .. rules.Select(AccessRule.From)]);

    public static Subject User(string user, params string[] roles) => new(user, roles, []);

    public static bool Enters(this RuleSet rules, Subject subject, string vhost) => rules.Allows(subject, AccessQuestion.Enter(vhost));

    public static bool Allows(this RuleSet rules, Subject subject, ResourceKind resource, string name, Permission permission, string vhost = Vhost) =>
        rules.Allows(subject, new AccessQuestion(vhost, resource, name, permission, ""));

    public static bool Reads(this RuleSet rules, Subject subject, string pattern, string exchange = Source) =>
        rules.Allows(subject, new AccessQuestion(Vhost, ResourceKind.Topic, exchange, Permission.Read, pattern));

    public static bool Writes(this RuleSet rules, Subject subject, string key, string exchange = Source) =>
        rules.Allows(subject, new AccessQuestion(Vhost, ResourceKind.Topic, exchange, Permission.Write, key));
}
