using System.Collections.Concurrent;
using NotifyOrleans.Grains.Ingress;
using Orleans.Serialization.Invocation;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>Sees what shards settle, on its way to the dispatcher.</summary>
internal sealed class SettledDeliveries : IIncomingGrainCallFilter
{
    private readonly ConcurrentQueue<(ulong Tag, string User)> _all = new();

    public IReadOnlyCollection<(ulong Tag, string User)> All => _all;

    public bool Contains(ulong tag) => _all.Any(delivery => delivery.Tag == tag);

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType == typeof(ISettlementRelayGrain) && context.Request.GetArgument(0) is SettledBatch[] batches)
        {
            foreach (var delivery in batches.SelectMany(batch => batch.Deliveries))
                _all.Enqueue((delivery.Tag, delivery.User));
            context.Response = Response.Completed;
            return Task.CompletedTask;
        }
        return context.Invoke();
    }
}
