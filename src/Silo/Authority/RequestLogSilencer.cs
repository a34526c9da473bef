using Microsoft.Extensions.Options;

namespace NotifyOrleans.Silo.Authority;

/// <summary>
/// Keeps request lines out of all logs, whatever levels are configured: by GET the broker sends the token in the query string. Applied last, and for each
/// provider that has levels of its own, since those win over rules for all providers.
/// </summary>
internal sealed class RequestLogSilencer : IPostConfigureOptions<LoggerFilterOptions>
{
    // Hosting writes "Request starting ... /auth/user?password=..." at Information, Kestrel the start of a request line that it cannot read at Debug.
    private static readonly string[] Categories = ["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel.BadRequests"];

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        string?[] providers = [null, .. options.Rules.Select(rule => rule.ProviderName).OfType<string>().Distinct()];
        foreach (var provider in providers)
        {
            foreach (var category in Categories)
                options.Rules.Add(new LoggerFilterRule(provider, category, LogLevel.Warning, filter: null));
        }
    }
}
