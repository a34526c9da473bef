using System.Collections.Concurrent;

namespace NotifyOrleans.Edge.Connections;

/// <summary>The open connections.</summary>
internal sealed class ConnectionTable
{
    private readonly ConcurrentDictionary<Connection, byte> _open = new();

    public int Count => _open.Count;

    public void Add(Connection connection) => _open.TryAdd(connection, 0);

    public void Remove(Connection connection) => _open.TryRemove(connection, out _);

    /// <summary>Sends everybody away; the connections end by themselves soon after.</summary>
    public void ShutDown()
    {
        foreach (var connection in _open.Keys)
            connection.ShutDown();
    }
}
