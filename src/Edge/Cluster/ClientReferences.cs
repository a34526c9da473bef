using System.Collections.Concurrent;

namespace NotifyOrleans.Edge.Cluster;

/// <summary>
/// A client's references to the grains with numbers for keys: shards and the silos' services, which are few. Orleans reads the attributes of an interface for
/// every reference that it makes, and a session asks some grains before it has begun.
/// </summary>
/// <param name="client">The client.</param>
internal sealed class ClientReferences(IClusterClient client)
{
    private readonly ConcurrentDictionary<(Type Interface, long Key), object> _references = new();

    public IClusterClient Client => client;

    public TGrain Get<TGrain>(long key)
        where TGrain : IGrainWithIntegerKey =>
        (TGrain)_references.GetOrAdd((typeof(TGrain), key), static (at, client) => client.GetGrain<TGrain>(at.Key), client);
}
