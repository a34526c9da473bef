using System.Net;

namespace NotifyOrleans.Edge.Connections;

/// <summary>The peer's address as the authority and the logs show it.</summary>
internal static class PeerAddresses
{
    /// <summary>
    /// Of who has none, as over a Unix socket. It is in no range of addresses; saying nothing would mean the inside of the broker, which may come from
    /// anywhere.
    /// </summary>
    public const string None = "none";

    public static string Of(EndPoint? endPoint) => Of((endPoint as IPEndPoint)?.Address);

    /// <summary>An IPv4 address is written as one, however the socket says it.</summary>
    public static string Of(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString() ?? None;
}
