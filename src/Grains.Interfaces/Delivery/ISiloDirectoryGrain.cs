namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>Tells an edge which silos there are. A stateless worker with the key 0.</summary>
[Alias("NotifyOrleans.ISiloDirectoryGrain")]
public interface ISiloDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>The active silos, as the asked silo sees them.</summary>
    [Alias("GetSilos")]
    Task<string[]> GetSilosAsync();
}
