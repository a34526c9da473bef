namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>Which pages may open a connection. A client that is no browser sends no Origin and is let in.</summary>
internal sealed class OriginCheck(IEnumerable<string> allowed)
{
    private readonly HashSet<string> _allowed = new(allowed, StringComparer.OrdinalIgnoreCase);

    public bool Allows(string? origin) => _allowed.Count == 0 || string.IsNullOrEmpty(origin) || _allowed.Contains(origin);

    /// <summary>Whether a request is none of a foreign page: no browser's, of the same host, or of an origin that is listed by name.</summary>
    public bool Knows(string? origin, string? host) =>
        string.IsNullOrEmpty(origin)
        || _allowed.Contains(origin)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(host, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a text is what a browser sends: scheme, host and perhaps port, no path.</summary>
    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.AbsolutePath == "/" && !text.EndsWith('/') && uri.UserInfo.Length == 0;
}
