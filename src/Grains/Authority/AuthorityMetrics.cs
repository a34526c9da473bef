using System.Diagnostics.Metrics;

namespace NotifyOrleans.Grains.Authority;

/// <summary>Counts what the authority is asked and answers, from the broker and the edges together.</summary>
public sealed class AuthorityMetrics
{
    public const string MeterName = "NotifyOrleans.Authority";

    private readonly Counter<long> _answers;
    private readonly Counter<long> _refusedTokens;
    private readonly Counter<long> _introspections;
    private readonly Counter<long> _reloads;

    public AuthorityMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _answers = meter.CreateCounter<long>("notifyorleans.authority.answers", "{answer}", "Questions answered, by question and answer");
        _refusedTokens = meter.CreateCounter<long>("notifyorleans.authority.refused_tokens", "{token}", "Tokens refused, by reason");
        _introspections = meter.CreateCounter<long>("notifyorleans.authority.introspections", "{request}", "Questions to issuers about tokens, by outcome");
        _reloads = meter.CreateCounter<long>("notifyorleans.authority.rule_reloads", "{reload}", "Changes of the rules, by outcome");
    }

    /// <param name="question"><c>user</c>, <c>vhost</c>, <c>resource</c> or <c>topic</c>.</param>
    /// <param name="allowed">The answer.</param>
    public void Answered(string question, bool allowed) => _answers.Add(1, new("question", question), new("answer", allowed ? "allow" : "deny"));

    /// <param name="reason">One of few, such as <c>expired</c>.</param>
    public void TokenRefused(string reason) => _refusedTokens.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <param name="outcome"><c>active</c>, <c>refused</c> or <c>failed</c>.</param>
    public void Introspected(string outcome) => _introspections.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <param name="succeeded">Whether the changed rules are in force.</param>
    public void RulesReloaded(bool succeeded) => _reloads.Add(1, new KeyValuePair<string, object?>("outcome", succeeded ? "ok" : "refused"));
}
