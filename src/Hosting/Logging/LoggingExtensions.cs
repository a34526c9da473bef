using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Hosting.Logging;

/// <summary>How a node logs.</summary>
public static class LoggingExtensions
{
    /// <summary>
    /// The server's own loggers that show request lines. The broker's questions carry tokens in the query string when it asks by GET,
    /// so no configuration can make these log requests. What else the first knows, that a start has failed, the host says too; and while it may say anything
    /// it keeps an <see cref="Activity"/> for each request: a WebSocket's lasts for hours.
    /// </summary>
    private static readonly (string Category, LogLevel Level)[] ShowRequests =
    [
        ("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None),
        ("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Warning),
    ];

    /// <summary>Logs to the console, one line an event, times in UTC. <c>Logging</c> in the configuration sets levels and formatter as usual.</summary>
    public static WebApplicationBuilder AddNodeLogging(this WebApplicationBuilder builder)
    {
        var faults = LogLevels.TakeOutFaults(builder.Configuration);
        ConfigurationFaults.Collect(builder.Services, _ => faults);
        builder.Logging.ClearProviders().AddConsole();
        // Named, because the provider sets an unnamed one's options back to its own defaults.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName ??= ConsoleFormatterNames.Simple);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
        builder.Services.PostConfigure<LoggerFilterOptions>(KeepRequestsOut);
        return builder;
    }

    private static void KeepRequestsOut(LoggerFilterOptions filters)
    {
        // A rule that names a provider wins over one that does not, whatever its category: so there is one for each provider that has rules.
        string?[] providers = [null, .. filters.Rules.Select(rule => rule.ProviderName).OfType<string>().Distinct()];
        foreach (var (category, level) in ShowRequests)
        {
            foreach (var rule in filters.Rules.Where(rule => rule.CategoryName?.StartsWith(category, StringComparison.OrdinalIgnoreCase) == true).ToArray())
                filters.Rules.Remove(rule);
            foreach (var provider in providers)
                filters.Rules.Add(new LoggerFilterRule(provider, category, level, null));
        }
    }
}
