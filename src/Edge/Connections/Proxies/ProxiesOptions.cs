namespace NotifyOrleans.Edge.Connections.Proxies;

/// <summary>Who may say for whom it speaks: section <c>Proxies</c>.</summary>
public sealed class ProxiesOptions
{
    public const string Section = "Proxies";

    /// <summary>
    /// Addresses and networks of proxies, such as <c>10.0.0.0/8</c> or <c>10.1.2.3</c>: their <c>X-Forwarded-For</c>, and at the ports below their PROXY
    /// header, tell the client's address. Nobody else's do. Default: none.
    /// </summary>
    public List<string> Networks { get; set; } = [];

    /// <summary>
    /// Ports of this edge (HTTP, TCP or TLS) at which a listed proxy begins each connection with a header of the PROXY protocol, version 1 or 2; one that
    /// does not is cut. Whoever is not listed is served there as it is. Default: none.
    /// </summary>
    public List<int> ProxyProtocolPorts { get; set; } = [];
}
