using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace NotifyOrleans.Hosting.Configuration;

/// <summary>
/// Checks <c>Urls</c>, where the web server listens, before anything is started: the server itself looks at it last, when the rest of the node is up.
/// </summary>
internal static class ServerAddresses
{
    private const string Urls = "urls";

    public static IEnumerable<string> FindFaults(IConfiguration configuration)
    {
        var taken = ListeningPorts.Find();
        foreach (var url in (configuration[Urls] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (PortOf(url) is not { } port)
                yield return $"Urls: '{url}' is not an address such as http://127.0.0.1:8080.";
            else if (taken.Contains(port))
                yield return $"Urls: another process listens on port {port} ({url}).";
        }
    }

    private static int? PortOf(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Port;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
