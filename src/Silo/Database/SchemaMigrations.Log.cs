namespace NotifyOrleans.Silo.Database;

internal sealed partial class SchemaMigrations
{
    [LoggerMessage(1430, LogLevel.Information, "Schema of the {Name}: {Script} has been applied.")]
    private partial void LogApplied(string name, string script);
}
