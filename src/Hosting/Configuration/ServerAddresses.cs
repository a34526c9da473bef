using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace NotifyOrleans.Hosting.Configuration;

/// <summary>
/// Where the web server listens: <c>Urls</c> or <c>Kestrel:Endpoints</c>. They are checked before anything is started: the server itself looks at them last, when
/// the rest of the node is up.
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
        var urls = UrlsOf(builder.Configuration).DefaultIfEmpty("http://localhost:5000").Select((url, i) => KeyValuePair.Create($"{Endpoints}:Url{i}:Url", (string?)url));
        string[] replaced = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];
        builder.Configuration.AddInMemoryCollection([.. urls, .. replaced.Select(setting => KeyValuePair.Create(setting, (string?)""))]);
    }

    internal static IEnumerable<string> FindFaults(IConfiguration configuration)
    {
        var taken = ListeningPorts.Find();
        foreach (var url in UrlsOf(configuration).Concat(configuration.GetSection(Endpoints).GetChildren().Select(endpoint => endpoint["Url"] ?? "")))
        {
            if (PortOf(url) is not { } port)
                yield return $"Urls: '{url}' is not an address such as http://127.0.0.1:8080.";
            else if (taken.Contains(port))
                yield return $"Urls: another process listens on port {port} ({url}).";
        }
    }

    private static IEnumerable<string> UrlsOf(IConfiguration configuration)
    {
        var urls = Split(configuration[WebHostDefaults.ServerUrlsKey]);
        return urls.Length > 0 ? urls : Ports(WebHostDefaults.HttpPortsKey, "http").Concat(Ports(WebHostDefaults.HttpsPortsKey, "https"));

        IEnumerable<string> Ports(string setting, string scheme) => Split(configuration[setting]).Select(port => $"{scheme}://*:{port}");
    }

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

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
