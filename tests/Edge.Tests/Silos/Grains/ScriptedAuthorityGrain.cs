using NotifyOrleans.Grains.Interfaces.Authority;
using Orleans.Concurrency;

namespace NotifyOrleans.Edge.Tests.Silos.Grains;

/// <summary>The authority of the scripted silo.</summary>
[StatelessWorker, Reentrant]
public sealed class ScriptedAuthorityGrain(ScriptedSilo silo) : Grain, IAuthorityGrain
{
    public async Task<UserAnswer> SignInAsync(UserQuestion question)
    {
        var user = silo.Authenticate(question);
        if (user.Allowed)
            user = user with { MayEnter = await AuthorizeAsync(new VhostQuestion(user.User, question.Vhost!, question.Ip, user.Tags, user.TokenId)) };
        await silo.HoldSignIn(question);
        return user;
    }

    public Task<bool> AuthorizeAsync(VhostQuestion question)
    {
        silo.VhostQuestions.Enqueue(question);
        return Task.FromResult(silo.AuthorizeVhost(question));
    }

    public async Task<bool> AuthorizeAsync(ResourceQuestion question)
    {
        var isAllowed = silo.AuthorizeResource(question);
        await silo.HoldResource(question);
        return isAllowed;
    }

    public async Task<TopicAnswer> AuthorizeAsync(TopicQuestion question) =>
        new(
            await AuthorizeAsync(
                new ResourceQuestion(
                    question.Username,
                    question.Vhost,
                    ResourceKind.Exchange,
                    question.Exchange,
                    question.Permission,
                    question.Tags,
                    question.TokenId
                )
            ),
            silo.AuthorizeTopic(question)
        );

    public Task<string?> FindRefusedKeyAsync(TopicQuestion question, string[] keys) =>
        Task.FromResult(keys.FirstOrDefault(key => !silo.AuthorizeTopic(question with { RoutingKey = key })));

    public Task<RevocationPage> GetRevocationsAsync(long after) =>
        Task.FromResult(
            new RevocationPage(
                [.. silo.Revocations.Where(revocation => revocation.Number > after)],
                silo.Revocations.LastOrDefault()?.Number ?? 0,
                silo.Rules,
                silo.ForgottenBefore
            )
        );

    public Task<string?> IssueDevelopmentTokenAsync(string user, string[] roles) => Task.FromResult<string?>($"token-{user}");
}
