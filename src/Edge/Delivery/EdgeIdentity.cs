using Microsoft.Extensions.Options;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>What silos know the edge by.</summary>
internal sealed class EdgeIdentity(IOptions<LinksOptions> options)
{
    /// <summary>The edge's name and its incarnation: another after each start, so that nothing is taken for what a former one said.</summary>
    public string Name { get; } = $"{(options.Value.EdgeName.Length > 0 ? options.Value.EdgeName : Environment.MachineName)}-{Guid.NewGuid():n}";
}
