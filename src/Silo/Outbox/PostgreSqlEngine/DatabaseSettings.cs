using Npgsql;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>How Npgsql is set up for an outbox, where the connection string does not say otherwise.</summary>
internal static class DatabaseSettings
{
    /// <summary>The setting: <c>ConnectionStrings:Outbox</c>.</summary>
    public const string Name = "Outbox";

    /// <summary>
    /// Connections of one silo: the writer's, and some for reading. A read takes well under a millisecond, so few serve many users; PostgreSQL allows 100 in
    /// all.
    /// </summary>
    private const int Connections = 10;

    /// <summary>Seconds to connect, and for a cancellation to be heard.</summary>
    private const int ConnectSeconds = 3;

    /// <summary>Seconds that a command may take: a thousand times what it should.</summary>
    private const int CommandSeconds = 5;

    /// <summary>Statements that each connection keeps prepared: all that there are.</summary>
    private const int PreparedStatements = 32;

    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public static NpgsqlConnectionStringBuilder Read(string? connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (string.IsNullOrWhiteSpace(settings.Host))
            throw new ArgumentException("names no host");
        Default("Application Name", "notifyorleans-outbox");
        Default("Maximum Pool Size", Connections);
        Default("Timeout", ConnectSeconds);
        Default("Command Timeout", CommandSeconds);
        // Whoever did not answer a command does not answer its cancellation either: the connection is given up at once.
        Default("Cancellation Timeout", -1);
        Default("Max Auto Prepare", PreparedStatements);
        Default("Auto Prepare Min Usages", 2);
        // Sessions have no state that would have to be taken back.
        Default("No Reset On Close", true);
        // Asks the server for Kerberos first, on each connection.
        Default("GSS Encryption Mode", GssEncryptionMode.Disable);
        Default("Enlist", false);
        return settings;

        void Default(string keyword, object value)
        {
            if (!settings.ShouldSerialize(keyword))
                settings[keyword] = value;
        }
    }

    /// <summary>What is wrong with the setting; it is not shown, since it holds a password.</summary>
    public static IEnumerable<string> FindFaults(IConfiguration configuration)
    {
        if (FindFault(configuration.GetConnectionString(Name)) is { } fault)
            yield return $"ConnectionStrings:{Name}: {fault}; Outbox:Provider PostgreSql needs one such as Host=...;Database=...;Username=...;Password=....";
    }

    private static string? FindFault(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "is missing";
        try
        {
            var settings = Read(text);
            // What goes together and what does not is looked at when it is used.
            NpgsqlDataSource.Create(settings).Dispose();
            return settings.CommandTimeout > 0 ? null : "Command Timeout must be 1 s or more, so that a database that hangs is noticed";
        }
        catch (ArgumentException)
        {
            return "cannot be read";
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException)
        {
            return exception.Message.TrimEnd('.');
        }
    }
}
