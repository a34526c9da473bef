using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace NotifyOrleans.Edge.Connections;

/// <summary>The open connections.</summary>
internal sealed class ConnectionTable
{
    private readonly ConcurrentDictionary<Connection, byte> _open = new();

    public ConnectionTable(IMeterFactory meters)
    {
        // Counted when they are asked for: a message on its way counts nothing.
        var meter = meters.Create("NotifyOrleans.Edge");
        meter.CreateObservableUpDownCounter(
            "notifyorleans.edge.messages.waiting",
            () => Open.Sum(connection => connection.WaitingMessages),
            "{message}",
            "MESSAGE frames that wait to be written."
        );
        meter.CreateObservableUpDownCounter(
            "notifyorleans.edge.messages.unproved",
            () => Open.Sum(connection => connection.UnprovedMessages),
            "{message}",
            "Messages of ack:auto that were written and are not proved to have arrived."
        );
    }

    public int Count => _open.Count;

    public void Add(Connection connection) => _open.TryAdd(connection, 0);

    public void Remove(Connection connection) => _open.TryRemove(connection, out _);

    /// <summary>All of them; what comes and goes meanwhile may be among them or not.</summary>
    public IEnumerable<Connection> Open => _open.Select(entry => entry.Key);
}
