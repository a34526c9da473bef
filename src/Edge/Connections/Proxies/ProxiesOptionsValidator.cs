using System.Net;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Edge.Connections.Proxies;

/// <summary>Names every fault of section <c>Proxies</c>.</summary>
internal sealed class ProxiesOptionsValidator : IValidateOptions<ProxiesOptions>
{
    public ValidateOptionsResult Validate(string? name, ProxiesOptions options)
    {
        var faults = new List<string>();
        for (var i = 0; i < options.Networks.Count; i++)
        {
            if (!ProxyNetworks.TryParse(options.Networks[i], out _))
                faults.Add($"Proxies:Networks:{i}: '{options.Networks[i]}' is not an IP address, or a network such as 10.0.0.0/8.");
        }
        for (var i = 0; i < options.ProxyProtocolPorts.Count; i++)
        {
            if (options.ProxyProtocolPorts[i] is < 1 or > IPEndPoint.MaxPort)
                faults.Add($"Proxies:ProxyProtocolPorts:{i}: {options.ProxyProtocolPorts[i]} is not between 1 and {IPEndPoint.MaxPort}.");
        }
        if (options.ProxyProtocolPorts.Count > 0 && options.Networks.Count == 0)
            faults.Add("Proxies:Networks: is empty; without it nobody may send what Proxies:ProxyProtocolPorts expects.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
