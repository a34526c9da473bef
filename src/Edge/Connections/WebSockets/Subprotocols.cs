namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>The WebSocket subprotocols of STOMP. They choose nothing: the version comes from <c>accept-version</c>, as in the reference.</summary>
internal static class Subprotocols
{
    private static readonly string[] HighestFirst = ["v12.stomp", "v11.stomp", "v10.stomp"];

    /// <summary>The highest one that the client offers; null when it offers none of STOMP, and is accepted without.</summary>
    public static string? Choose(IList<string> offered) => Array.Find(HighestFirst, offered.Contains);
}
