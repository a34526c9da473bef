using NotifyOrleans.Grains.Authority.Issuers;
using NotifyOrleans.Grains.Authority.Rules;
using NotifyOrleans.Grains.Interfaces.Authority;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Authority;

/// <summary>The authority for the edges. Reentrant: a question that waits for an issuer's keys must not hold up the others.</summary>
[GrainType("authority"), StatelessWorker, Reentrant]
public sealed class AuthorityGrain(TokenAuthority authority, RevocationRegister revocations, CurrentRules rules, IDevelopmentIssuer developmentIssuer)
    : Grain,
        IAuthorityGrain
{
    public Task<UserAnswer> SignInAsync(UserQuestion question) => authority.SignInAsync(question);

    public Task<bool> AuthorizeAsync(VhostQuestion question) => authority.AuthorizeAsync(question);

    public Task<bool> AuthorizeAsync(ResourceQuestion question) => authority.AuthorizeAsync(question);

    public Task<TopicAnswer> AuthorizeAsync(TopicQuestion question) => authority.AuthorizeWithExchangeAsync(question);

    public Task<string?> FindRefusedKeyAsync(TopicQuestion question, string[] keys) => authority.FindRefusedKeyAsync(question, keys);

    public Task<RevocationPage> GetRevocationsAsync(long after) => Task.FromResult(revocations.After(after) with { Rules = rules.Value.Version });

    public Task<string?> IssueDevelopmentTokenAsync(string user, string[] roles) => Task.FromResult(developmentIssuer.Issue(user, roles));
}
