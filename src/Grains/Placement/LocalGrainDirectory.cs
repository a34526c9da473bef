using System.Collections.Concurrent;
using Orleans.GrainDirectory;

namespace NotifyOrleans.Grains.Placement;

/// <summary>
/// Where the grains are that only their own silo calls: here, or nowhere. Each silo has one, and asks no other: the cluster's directory costs two calls for
/// each activation, and holds them up while silos come and go (decision 0036). That two silos never both act for such a grain is for whoever calls it to see
/// to.
/// </summary>
internal sealed class LocalGrainDirectory : IGrainDirectory
{
    /// <summary>What a grain's <see cref="GrainDirectoryAttribute"/> names it by.</summary>
    public const string Name = "local";

    private readonly ConcurrentDictionary<GrainId, GrainAddress> _addresses = new();

    public Task<GrainAddress?> Register(GrainAddress address) => Register(address, previousAddress: null);

    /// <returns>What is registered now: another address when the grain is there already.</returns>
    public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress) =>
        Task.FromResult<GrainAddress?>(
            _addresses.AddOrUpdate(
                address.GrainId,
                static (_, registration) => registration.Address,
                static (_, known, registration) => known.Matches(registration.Previous) ? registration.Address : known,
                (Address: address, Previous: previousAddress)
            )
        );

    public Task Unregister(GrainAddress address)
    {
        if (_addresses.TryGetValue(address.GrainId, out var known) && known.Matches(address))
            _addresses.TryRemove(KeyValuePair.Create(address.GrainId, known));
        return Task.CompletedTask;
    }

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult(_addresses.GetValueOrDefault(grainId));

    /// <summary>Nothing of other silos is here.</summary>
    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
}
