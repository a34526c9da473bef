namespace NotifyOrleans.Silo.Authority.Rules;

internal sealed partial class RuleReload
{
    [LoggerMessage(1515, LogLevel.Information, "The authority's rules have changed, and are in force: {Version}")]
    private partial void LogReloaded(string version);

    [LoggerMessage(1516, LogLevel.Error, "The authority's changed configuration has faults; the former rules stay in force: {Faults}")]
    private partial void LogRefused(string faults);
}
