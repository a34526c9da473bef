using System.Reflection;
using DbUp;
using DbUp.Engine;
using Npgsql;

namespace NotifyOrleans.Silo.Database;

/// <summary>
/// Brings a database to the schema that this version of the silo needs: the numbered SQL files of one folder <c>Migrations</c>, each once, in the order of
/// their names, by DbUp. Safe when several silos start at once. Scripts that only a newer version knows are left alone, so every script must leave what the
/// version before can work with.
/// </summary>
/// <param name="name">Whose schema it is, such as <c>outbox</c>; the table <c>{name}_migrations</c> says what has been applied.</param>
/// <param name="owner">A type in the folder that holds the folder <c>Migrations</c>.</param>
/// <param name="logger">Is told of each script that was applied.</param>
internal sealed partial class SchemaMigrations(string name, Type owner, ILogger logger)
{
    /// <summary>A script may have to go through all rows.</summary>
    private static readonly TimeSpan ScriptTimeout = TimeSpan.FromMinutes(10);

    private readonly SqlScript[] _scripts = [.. ReadScripts(owner)];

    /// <summary>Applies what is missing. Waits for another silo that is doing it, as long as the connection string's command time-out allows.</summary>
    /// <param name="connectionString">The database; tables go to the first schema of its search path.</param>
    /// <param name="cancellationToken">Ends the waiting, not a script that has begun.</param>
    /// <exception cref="NpgsqlException">The database is away, or refused a script; that script has then changed nothing.</exception>
    public async Task ApplyAsync(string connectionString, CancellationToken cancellationToken)
    {
        // Neither is pooled: the lock goes with its connection, and both are used once.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        var schema = await CurrentSchemaAsync(connection, cancellationToken);
        if (!await Task.Run(() => UpgraderOf(settings, schema).IsUpgradeRequired(), cancellationToken))
            return;
        await LockAsync(connection, schema, cancellationToken);
        settings.CommandTimeout = (int)ScriptTimeout.TotalSeconds;
        var result = await Task.Run(() => UpgraderOf(settings, schema).PerformUpgrade(), cancellationToken);
        foreach (var script in result.Scripts)
            LogApplied(name, script.Name);
        if (!result.Successful)
            throw result.Error;
    }

    private UpgradeEngine UpgraderOf(NpgsqlConnectionStringBuilder settings, string schema) =>
        DeployChanges
            .To.PostgresqlDatabase(settings.ConnectionString, schema)
            .WithScripts(_scripts)
            .WithVariablesDisabled()
            .WithTransactionPerScript()
            .JournalToPostgresqlTable(schema, $"{name}_migrations")
            .LogToNowhere()
            .Build();

    private static async Task<string> CurrentSchemaAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT current_schema()", connection);
        return await command.ExecuteScalarAsync(cancellationToken) as string
            ?? throw new NpgsqlException($"none of the schemas on the search path of database {connection.Database} exists");
    }

    /// <summary>Held until the connection closes.</summary>
    private async Task LockAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock(hashtextextended($1, 0))", connection)
        {
            Parameters = { new NpgsqlParameter { Value = $"notifyorleans {schema}.{name}_migrations" } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static IEnumerable<SqlScript> ReadScripts(Type owner)
    {
        var prefix = $"{owner.Namespace}.Migrations.";
        return owner
            .Assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(resource => new SqlScript(resource[prefix.Length..], ReadText(owner.Assembly, resource)));
    }

    private static string ReadText(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
