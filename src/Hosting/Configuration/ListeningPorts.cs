using System.Net;
using System.Net.NetworkInformation;

namespace NotifyOrleans.Hosting.Configuration;

/// <summary>The TCP ports of this machine that some process listens on. (A port in TIME_WAIT is none of them: a node may start again at once.)</summary>
public static class ListeningPorts
{
    /// <summary>Whether a process listens on a port of this address, or of all addresses, or on any when it is all of them that are wanted.</summary>
    public static bool IsTaken(IPAddress address, int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port && Overlap(listener.Address, address));

    private static bool Overlap(IPAddress one, IPAddress other) => IsAny(one) || IsAny(other) || Plain(one).Equals(Plain(other));

    private static bool IsAny(IPAddress address) => Plain(address).Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
