using System.Globalization;

namespace NotifyOrleans.Hosting.Clustering;

/// <summary>Where a silo takes calls of edges.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
public readonly record struct GatewayAddress(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>.</summary>
    public static bool TryParse(string text, out GatewayAddress gateway)
    {
        gateway = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            return false;
        gateway = new GatewayAddress(text[..colon], port);
        return true;
    }
}
