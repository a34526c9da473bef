using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace NotifyOrleans.Hosting.Configuration;

/// <summary>
/// Where the web server listens: <c>Urls</c> or <c>Kestrel:Endpoints</c>. They are checked before anything is started: the server itself looks at them last,
/// when the rest of the node is up.
/// </summary>
public static class ServerAddresses
{
    private const string Endpoints = "Kestrel:Endpoints";

    /// <summary>
    /// For a node that listens with an endpoint of its own in code, too: the server then takes endpoints alone, so what <c>Urls</c> and the ports of the
    /// environment name becomes endpoints.
    /// </summary>
    public static void ListenAtEndpointsToo(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetSection(Endpoints).GetChildren().Any())
            return;
        var urls = UrlsOf(builder.Configuration)
            .DefaultIfEmpty("http://localhost:5000")
            .Select((url, i) => KeyValuePair.Create($"{Endpoints}:Url{i}:Url", (string?)url));
        string[] replaced = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];
        builder.Configuration.AddInMemoryCollection([.. urls, .. replaced.Select(setting => KeyValuePair.Create(setting, (string?)""))]);
    }

    internal static IEnumerable<string> FindFaults(IConfiguration configuration)
    {
        foreach (var url in UrlsOf(configuration).Concat(configuration.GetSection(Endpoints).GetChildren().Select(endpoint => endpoint["Url"] ?? "")))
        {
            if (Parse(url) is not { } binding)
                yield return $"Urls: '{url}' is not an address such as http://127.0.0.1:8080.";
            else if (AddressesOf(binding.Host).Any(address => ListeningPorts.IsTaken(address, binding.Port)))
                yield return $"Urls: another process listens on port {binding.Port} ({url}).";
        }
    }

    private static IEnumerable<string> UrlsOf(IConfiguration configuration)
    {
        var urls = Split(configuration[WebHostDefaults.ServerUrlsKey]);
        return urls.Length > 0 ? urls : Ports(WebHostDefaults.HttpPortsKey, "http").Concat(Ports(WebHostDefaults.HttpsPortsKey, "https"));

        IEnumerable<string> Ports(string setting, string scheme) => Split(configuration[setting]).Select(port => $"{scheme}://*:{port}");
    }

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Where the server listens for a host: a name that is no address, such as <c>*</c>, is all of them.</summary>
    private static IPAddress[] AddressesOf(string host)
    {
        if (IPAddress.TryParse(host, out var address))
            return [address];
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Any];
    }

    private static BindingAddress? Parse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
