using NotifyOrleans.Torture.Faults;
using NotifyOrleans.Torture.Publishing;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Planning;

/// <summary>Chooses faults: every kind about as often as every other, in an order that the seed decides.</summary>
internal sealed class FaultChoice(WorldOptions world, Random random)
{
    // One in so many comes with another at the same time.
    private const int TogetherEvery = 5;

    /// <summary>So many faults.</summary>
    public IEnumerable<IFault> Take(int count)
    {
        var bag = new Queue<Func<IFault>>();
        for (var index = 0; index < count; index++)
        {
            if (bag.Count < 2)
                Refill(bag);
            var fault = bag.Dequeue()();
            yield return index % TogetherEvery == TogetherEvery - 1 ? Together(fault, bag.Dequeue()()) : fault;
        }
    }

    private void Refill(Queue<Func<IFault>> bag)
    {
        var kinds = Kinds().ToArray();
        random.Shuffle(kinds);
        foreach (var kind in kinds)
            bag.Enqueue(kind);
    }

    private IEnumerable<Func<IFault>> Kinds()
    {
        yield return () => new NodeKilled(NodeKind.Silo, random.Next(world.Silos), Seconds(0, 4));
        yield return () => new NodeKilled(NodeKind.Edge, random.Next(world.Edges), Seconds(0, 4));
        yield return () => new NodePaused(NodeKind.Silo, random.Next(world.Silos), Seconds(1, 12));
        yield return () => new NodePaused(NodeKind.Edge, random.Next(world.Edges), Seconds(1, 12));
        yield return () => new BrokerKilled(Seconds(0, 3));
        yield return () => new BrokerPaused(Seconds(1, 6));
        yield return () => new BrokerConnectionsClosed("notifyorleans", "of silos and edges");
        yield return () => new BrokerConnectionsClosed(Workload.Name, "of services");
        yield return () => new ClientsVanish(0.1 + random.NextDouble() / 2, random.Next());
        yield return () => new ClientsLeave(0.1 + random.NextDouble() / 2, random.Next(), Seconds(1, 6));
        yield return () => new ClientsStopReading(0.05 + random.NextDouble() / 4, random.Next(), Seconds(1, 6));
        if (world.HasDatabase)
        {
            yield return () => new DatabaseKilled(Seconds(0, 4));
            yield return () => new DatabasePaused(Seconds(1, 6));
        }
        if (world.HasPrivateNetwork)
        {
            yield return () => new ClusterCut(NodeKind.Edge, random.Next(world.Silos), Seconds(1, 8));
            if (world.Silos > 1)
                yield return () => new ClusterCut(NodeKind.Silo, random.Next(world.Silos), Seconds(1, 8));
        }
        if (!world.HasProxies)
            yield break;
        yield return () => new NetworkDelayed(Link(), TimeSpan.FromMilliseconds(random.Next(20, 500)), Seconds(2, 6));
        yield return () => new NetworkCut(Link(), Seconds(0, 4));
        yield return () => new NetworkHalfOpen(Link(), Seconds(1, 5));
    }

    /// <summary>The same harm to the same thing twice at a time would take itself back too early.</summary>
    private static IFault Together(IFault first, IFault second) => first.Name.Split(' ')[0] == second.Name.Split(' ')[0] ? first : new Together(first, second);

    private NetworkLink Link()
    {
        List<NetworkLink> links = [];
        for (var silo = 0; silo < world.Silos; silo++)
        {
            links.Add(new NetworkLink(NodeKind.Silo, silo, IsToBroker: true));
            if (world.HasDatabase)
                links.Add(new NetworkLink(NodeKind.Silo, silo, IsToBroker: false));
        }
        for (var edge = 0; edge < world.Edges; edge++)
        {
            links.Add(new NetworkLink(NodeKind.Edge, edge, IsToBroker: true));
            links.Add(new NetworkLink(NodeKind.Edge, edge, IsToBroker: false));
        }
        return links[random.Next(links.Count)];
    }

    private TimeSpan Seconds(double from, double to) => TimeSpan.FromSeconds(Math.Round(from + random.NextDouble() * (to - from), 1));
}
