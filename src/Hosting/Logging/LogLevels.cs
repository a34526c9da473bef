using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Hosting.Logging;

/// <summary>Checks the levels in section <c>Logging</c>. Unknown ones are taken away, since the log cannot be built with them, and told as faults.</summary>
internal static class LogLevels
{
    private const string Levels = "LogLevel";

    public static List<string> TakeOutFaults(IConfiguration configuration)
    {
        var faults = new List<string>();
        var logging = configuration.GetSection("Logging");
        var sections = logging.GetChildren().Select(provider => provider.GetSection(Levels)).Prepend(logging.GetSection(Levels));
        foreach (
            var level in sections.SelectMany(section => section.GetChildren()).Where(level => !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _))
        )
        {
            faults.Add($"{level.Path}: '{level.Value}' is not one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
            level.Value = nameof(LogLevel.Information);
        }
        return faults;
    }
}
