namespace NotifyOrleans.Edge.Connections;

/// <summary>Which pages may open a connection. A client that is no browser sends no Origin and is let in.</summary>
internal sealed class OriginCheck(IEnumerable<string> allowed)
{
    private readonly HashSet<string> _allowed = new(allowed, StringComparer.OrdinalIgnoreCase);

    public bool Allows(string? origin) => _allowed.Count == 0 || string.IsNullOrEmpty(origin) || _allowed.Contains(origin);

    /// <summary>Whether a text is what a browser sends: scheme, host and perhaps port, no path.</summary>
    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.AbsolutePath == "/" && !text.EndsWith('/') && uri.UserInfo.Length == 0;
}
