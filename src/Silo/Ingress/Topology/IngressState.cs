using System.Collections.Concurrent;

namespace NotifyOrleans.Silo.Ingress.Topology;

/// <summary>What is wrong with exchanges and queues, for health. Written by the topology.</summary>
internal sealed class IngressState
{
    private readonly ConcurrentDictionary<string, string> _sourceFaults = new();

    /// <summary>Why our own exchanges and queues are not as they should be, or that nobody has looked yet; null when they are.</summary>
    public string? Fault { get; set; } = "exchanges and queues are about to be declared";

    /// <summary>Why not all partitions are used; null when they are.</summary>
    public string? Restriction { get; set; }

    /// <summary>By source exchange, why nothing comes from it.</summary>
    public IReadOnlyDictionary<string, string> SourceFaults => _sourceFaults;

    /// <summary>Notes how a source stands; returns whether that has changed.</summary>
    public bool SetSource(string exchange, string? fault)
    {
        var before = _sourceFaults.GetValueOrDefault(exchange);
        if (fault is null)
            _sourceFaults.TryRemove(exchange, out _);
        else
            _sourceFaults[exchange] = fault;
        return before != fault;
    }
}
