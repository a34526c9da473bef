using System.Net;

namespace NotifyOrleans.Edge.Connections.Proxies;

/// <summary>The networks of listed proxies.</summary>
internal sealed class ProxyNetworks(IEnumerable<string> networks)
{
    public IReadOnlyList<IPNetwork> All { get; } =
    [.. networks.Select(text => TryParse(text, out var network) ? network : throw new FormatException($"'{text}' is not a network"))];

    public bool Contains(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address })
            return false;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return All.Any(network => network.Contains(address));
    }

    /// <summary>Reads <c>10.0.0.0/8</c>, or a single address.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
            return true;
        if (!IPAddress.TryParse(text, out var address))
            return false;
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
