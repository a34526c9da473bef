namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>The key of grains that live on the silo which their key names: <c>silo/rest</c>.</summary>
public static class LinkKey
{
    /// <param name="silo">The silo, as <see cref="ISiloDirectoryGrain"/> names it.</param>
    /// <param name="edge">The edge's name with its incarnation.</param>
    public static string Of(string silo, string edge) => $"{silo}/{edge}";

    /// <summary>The silo that a key names.</summary>
    public static string SiloOf(string key) => key[..key.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>What follows the silo's name.</summary>
    public static string RestOf(string key) => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
