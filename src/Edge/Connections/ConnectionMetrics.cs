using System.Diagnostics.Metrics;
using NotifyOrleans.Edge.Connections.Goodbyes;

namespace NotifyOrleans.Edge.Connections;

/// <summary>Connections, sessions and frames: meter <c>NotifyOrleans.Edge</c>.</summary>
internal sealed class ConnectionMetrics
{
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _delayed;
    private readonly UpDownCounter<long> _sessions;
    private readonly Counter<long> _commands;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _bytes;

    public ConnectionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("NotifyOrleans.Edge");
        _connections = meter.CreateUpDownCounter<long>("notifyorleans.edge.connections", "{connection}", "Open connections, signed in or not.");
        _closed = meter.CreateCounter<long>("notifyorleans.edge.connections.closed", "{connection}", "Connections that ended, by reason.");
        _refused = meter.CreateCounter<long>("notifyorleans.edge.connections.refused", "{request}", "Requests that did not become connections, by reason.");
        _delayed = meter.CreateCounter<long>(
            "notifyorleans.edge.refusals.delayed",
            "{refusal}",
            "Refused CONNECTs that were answered late, since there were too many."
        );
        _sessions = meter.CreateUpDownCounter<long>("notifyorleans.edge.sessions", "{session}", "Sessions that are signed in.");
        _commands = meter.CreateCounter<long>("notifyorleans.edge.commands", "{frame}", "Frames of clients, by command.");
        _errors = meter.CreateCounter<long>("notifyorleans.edge.errors", "{frame}", "ERROR frames, by whether the connection was closed.");
        _messages = meter.CreateCounter<long>("notifyorleans.edge.messages", "{frame}", "MESSAGE frames that were written.");
        _bytes = meter.CreateCounter<long>("notifyorleans.edge.messages.bytes", "By", "Bytes of MESSAGE frames that were written.");
    }

    public void Opened() => _connections.Add(1);

    public void Closed(CloseReason reason)
    {
        _connections.Add(-1);
        _closed.Add(1, new KeyValuePair<string, object?>("reason", reason.Name));
    }

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void RefusalDelayed() => _delayed.Add(1);

    public void SignedIn() => _sessions.Add(1);

    public void SignedOut() => _sessions.Add(-1);

    /// <param name="command">A command that is known; what clients make up does not become a tag.</param>
    public void Commanded(string command) => _commands.Add(1, new KeyValuePair<string, object?>("command", command));

    public void Failed(bool closed) => _errors.Add(1, new KeyValuePair<string, object?>("closed", closed));

    public void MessageWritten(int bytes)
    {
        _messages.Add(1);
        _bytes.Add(bytes);
    }
}
