using NotifyOrleans.Grains.Interfaces.Shards;
using Orleans.Concurrency;

namespace NotifyOrleans.Edge.Tests.Silos.Grains;

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
            return Task.FromResult(new RegisterReply(silo.Name, silo.Epoch, Link: 0));
        silo.Registrations.Enqueue(request);
        var (refused, postponed) = silo.AnswerDurables(request);
        return Task.FromResult(new RegisterReply(silo.Name, silo.Epoch, silo.LinkOfRegistrations(), refused, postponed, silo.EndedDurables(request)));
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
