namespace NotifyOrleans.Torture.Faults;

/// <summary>Silo or edge.</summary>
public enum NodeKind
{
    Silo,
    Edge,
}
