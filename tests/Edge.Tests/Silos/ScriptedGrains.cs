using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Interfaces.Topics;
using Orleans.Concurrency;

namespace NotifyOrleans.Edge.Tests.Silos;

/// <summary>The directory of the scripted silo: itself.</summary>
[StatelessWorker]
public sealed class ScriptedSiloDirectoryGrain(ScriptedSilo silo) : Grain, ISiloDirectoryGrain
{
    public Task<string[]> GetSilosAsync() => Task.FromResult<string[]>([silo.Name]);
}

/// <summary>Links of the scripted silo.</summary>
[Reentrant]
public sealed class ScriptedLinkGrain(ScriptedSilo silo) : Grain, ILinkGrain
{
    public Task<LinkWelcome> OpenAsync(LinkHello hello) => Task.FromResult(silo.Open(hello));

    public Task<LinkBeat> BeatAsync(long link, long shardsVersion)
    {
        var hosted = silo.HostedShards;
        var version = System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(hosted);
        return Task.FromResult(new LinkBeat(silo.Knows(link), version, version == shardsVersion ? null : hosted));
    }

    public async Task SettleAsync(long link, Settlement[] settlements)
    {
        await silo.Settling;
        foreach (var settlement in settlements)
            silo.Settlements.Enqueue(settlement);
    }

    public Task EndQueuesAsync(long link, EndedQueue[] ended)
    {
        foreach (var queue in ended)
            silo.EndedQueues.Enqueue(queue);
        return Task.CompletedTask;
    }

    public Task<long?> ChangeInterestAsync(long link, TopicInterest[] added, TopicInterest[] removed)
    {
        foreach (var interest in removed)
            silo.Interests.TryRemove(interest, out _);
        foreach (var interest in added)
            silo.Interests[interest] = 0;
        return Task.FromResult<long?>(silo.LastTopic);
    }

    public Task<TopicPage> ReadTopicsAsync(TopicQuery query)
    {
        silo.TopicQueries.Enqueue(query);
        return Task.FromResult(silo.ReadTopics(query));
    }

    public Task CloseAsync(long link)
    {
        silo.Close(link);
        return Task.CompletedTask;
    }
}

/// <summary>Shards of the scripted silo.</summary>
[Reentrant]
public sealed class ScriptedShardGrain(ScriptedSilo silo) : Grain, IShardGrain
{
    public Task HastenAsync(string[] users) => throw new NotSupportedException("Nobody offers anything to a scripted shard");

    public ValueTask<OfferReply> OfferAsync(OfferBatch batch) => throw new NotSupportedException("Nobody offers anything to a scripted shard");

    public Task<RegisterReply> RegisterAsync(RegisterRequest request)
    {
        if (silo.RefusesToRegister)
            throw new SiloUnavailableException("as the test wants it");
        if (!silo.HasLink)
            return Task.FromResult(new RegisterReply(silo.Name, silo.Epoch, Linked: false));
        silo.Registrations.Enqueue(request);
        var (refused, postponed) = silo.AnswerDurables(request);
        return Task.FromResult(new RegisterReply(silo.Name, silo.Epoch, Linked: true, refused, postponed, silo.EndedDurables(request)));
    }

    public Task UnregisterAsync(UnregisterRequest request)
    {
        silo.Unregistrations.Enqueue(request);
        return Task.CompletedTask;
    }

    public Task ForgetAsync(string mailbox)
    {
        if (silo.RefusesToForget)
            throw new SiloUnavailableException("as the test wants it");
        silo.Forgotten.Enqueue(mailbox);
        return Task.CompletedTask;
    }

    public Task ExpireAsync(string[] users) => throw new NotSupportedException("Nothing expires in a scripted shard");
}

/// <summary>Lost topic subscriptions of the scripted silo.</summary>
public sealed class ScriptedLostTopicsGrain(ScriptedSilo silo) : Grain, ILostTopicsGrain
{
    public Task KeepAsync(LostTopic[] topics)
    {
        foreach (var topic in topics)
            silo.LostTopics.Enqueue(topic);
        return Task.CompletedTask;
    }

    public Task<LostTopic?> TakeAsync(string user, TopicInterest interest) => Task.FromResult(silo.TakeLostTopic(user));
}

/// <summary>Retained messages of the scripted silo.</summary>
public sealed class ScriptedRetainedGrain(ScriptedSilo silo) : Grain, IRetainedGrain
{
    public Task<long[]> SetAsync(Notification[] messages) => throw new NotSupportedException("Only silos set them");

    public Task<RetainedPage> ReadAsync(RetainedQuery query) => Task.FromResult(silo.ReadRetained(query));
}

/// <summary>Durable topic subscriptions of the scripted silo.</summary>
[StatelessWorker, Reentrant]
public sealed class ScriptedDurableTopicsGrain(ScriptedSilo silo) : Grain, IDurableTopicsGrain
{
    public Task<DurableOpening?> TakeUpAsync(DurableTopic topic, string session) => Task.FromResult(silo.TakeUpDurable(topic));

    public async Task<DurablePage> ReadAsync(DurableQuery query)
    {
        await silo.ReadingDurable;
        silo.DurableQueries.Enqueue(query);
        return silo.ReadDurable(query);
    }

    public Task<long[]> SaveAsync(DurableProgress[] progress)
    {
        foreach (var each in progress)
            silo.SavedDurable.Enqueue(each);
        return Task.FromResult(progress.Select(each => each.Subscription).Where(silo.EndedDurable.Contains).ToArray());
    }
}

/// <summary>Begins and ends durable topic subscriptions of the scripted silo.</summary>
public sealed class ScriptedTopicRegistryGrain(ScriptedSilo silo) : Grain, ITopicRegistryGrain
{
    public Task<bool> BeginAsync(DurableTopic topic)
    {
        silo.BegunDurable.Enqueue(topic);
        return Task.FromResult(!silo.RefusesDurable(topic));
    }

    public Task EndAsync(long subscription)
    {
        silo.EndedDurable.Enqueue(subscription);
        return Task.CompletedTask;
    }
}

/// <summary>Queues of the scripted silo.</summary>
public sealed class ScriptedBrokerQueueGrain(ScriptedSilo silo) : Grain, IBrokerQueueGrain
{
    public Task<QueueReply> SubscribeAsync(QueueSubscription subscription)
    {
        silo.QueueSubscriptions.Enqueue((this.GetPrimaryKeyString(), subscription));
        return silo.AnswerQueue(subscription);
    }

    public Task<QueueReply> DeclareAsync(QueueDeclaration declaration, string session) => silo.AnswerQueue(null);

    public Task<QueueReply> DeleteAsync(string session) => silo.AnswerQueue(null);
}

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
