using System.Net.NetworkInformation;

namespace NotifyOrleans.Hosting.Configuration;

/// <summary>The TCP ports of this machine that some process listens on. (A port in TIME_WAIT is none of them: a node may start again at once.)</summary>
public static class ListeningPorts
{
    public static IReadOnlySet<int> Find() =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
}
