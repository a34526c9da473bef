namespace NotifyOrleans.Grains.Delivery;

/// <summary>The links of this silo to edges.</summary>
internal interface IEdgeLinks
{
    /// <summary>The open link to an edge; null when there is none.</summary>
    IEdgeLink? Find(string edge);
}
