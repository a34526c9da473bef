using System.Diagnostics.Metrics;

namespace NotifyOrleans.Grains.Authority;

/// <summary>Counts what the authority is asked and answers, from the broker and the edges together.</summary>
public sealed class AuthorityMetrics
{
    public const string MeterName = "NotifyOrleans.Authority";

    private readonly Counter<long> _answers;
    private readonly Counter<long> _refusedTokens;

    public AuthorityMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _answers = meter.CreateCounter<long>("notifyorleans.authority.answers", "{answer}", "Questions answered, by question and answer");
        _refusedTokens = meter.CreateCounter<long>("notifyorleans.authority.refused_tokens", "{token}", "Tokens refused, by reason");
    }

    /// <param name="question"><c>user</c>, <c>vhost</c>, <c>resource</c> or <c>topic</c>.</param>
    /// <param name="allowed">The answer.</param>
    public void Answered(string question, bool allowed) => _answers.Add(1, new("question", question), new("answer", allowed ? "allow" : "deny"));

    /// <param name="reason">One of few, such as <c>expired</c>.</param>
    public void TokenRefused(string reason) => _refusedTokens.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
