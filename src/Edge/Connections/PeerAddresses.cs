using System.Net;

namespace NotifyOrleans.Edge.Connections;

/// <summary>The peer's address as the authority and the logs show it.</summary>
internal static class PeerAddresses
{
    public static string? Of(EndPoint? endPoint) => Of((endPoint as IPEndPoint)?.Address);

    /// <summary>An IPv4 address is written as one, however the socket says it.</summary>
    public static string? Of(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
}
