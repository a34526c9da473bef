namespace NotifyOrleans.Silo.Admin;

/// <summary>Orleans' own pages about the cluster: its silos, which grains are active where, how long their calls take.</summary>
public sealed record AdminDashboardOptions
{
    /// <summary>
    /// Whether they are there, under <c>/admin/dashboard</c>; the same at all silos. Off by default: each silo counts for them what it does, and while somebody
    /// looks each call is timed.
    /// </summary>
    public bool Enabled { get; init; }
}
