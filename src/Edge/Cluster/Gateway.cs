using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace NotifyOrleans.Edge.Cluster;

/// <summary>The address of a silo's gateway.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
internal readonly record struct Gateway(string Host, int Port)
{
    /// <summary>Where a silo with Orleans' localhost defaults listens.</summary>
    public static readonly Gateway Default = new("127.0.0.1", 30000);

    public static bool TryParse(string text, out Gateway gateway)
    {
        gateway = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            return false;
        gateway = new Gateway(text[..colon].Trim('[', ']'), port);
        return true;
    }

    /// <summary>The addresses that the name stands for now.</summary>
    /// <exception cref="SocketException">It stands for none.</exception>
    public async Task<IPEndPoint[]> ResolveAsync(CancellationToken cancellationToken)
    {
        var port = Port;
        // Orleans' silos listen on IPv4.
        var addresses = await Dns.GetHostAddressesAsync(Host, AddressFamily.InterNetwork, cancellationToken);
        return [.. addresses.Select(address => new IPEndPoint(address, port))];
    }
}
