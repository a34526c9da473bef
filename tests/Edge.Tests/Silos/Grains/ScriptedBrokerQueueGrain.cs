using NotifyOrleans.Grains.Interfaces.Queues;

namespace NotifyOrleans.Edge.Tests.Silos.Grains;

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
