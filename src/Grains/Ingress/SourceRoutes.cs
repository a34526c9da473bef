using NotifyOrleans.Grains.Interfaces.Ingress;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>The configured sources. The silo registers it as a singleton.</summary>
public sealed class SourceRoutes(IEnumerable<SourceDescription> sources)
{
    /// <summary>The sources, as edges and the authority need to know them.</summary>
    public SourceDescription[] Descriptions { get; } = [.. sources];
}
