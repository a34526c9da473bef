namespace NotifyOrleans.Edge.Sessions;

/// <summary>Header <c>server</c> of CONNECTED.</summary>
internal static class ServerName
{
    public static readonly string Value = $"NotifyOrleans/{typeof(ServerName).Assembly.GetName().Version?.ToString(3)}";
}
