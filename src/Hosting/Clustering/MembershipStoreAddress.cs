using Microsoft.Extensions.Configuration;
using Npgsql;
using StackExchange.Redis;

namespace NotifyOrleans.Hosting.Clustering;

/// <summary>Where the membership table is: <c>ConnectionStrings:Cluster</c>.</summary>
public sealed class MembershipStoreAddress(IConfiguration configuration)
{
    public const string Setting = "Cluster";

    /// <summary>
    /// Seconds for connecting, and for a command: the table has a row for each silo, so what takes longer is a database that hangs, and whether a silo is dead
    /// must be decided soon. (Npgsql's defaults are 15 and 30.)
    /// </summary>
    private const int PatienceSeconds = 3;

    /// <summary>Whether the setting is there.</summary>
    public bool IsGiven => !string.IsNullOrWhiteSpace(Text);

    private string? Text => configuration.GetConnectionString(Setting);

    /// <summary>How to connect to PostgreSQL.</summary>
    public string ConnectionString => ParsePostgreSql(Text).ConnectionString;

    /// <summary>Connections to PostgreSQL. The caller disposes it.</summary>
    public NpgsqlDataSource CreateDataSource() => NpgsqlDataSource.Create(ConnectionString);

    /// <summary>How to connect to Redis.</summary>
    public ConfigurationOptions CreateRedisOptions() => ParseRedis(Text);

    /// <summary>What is wrong with the setting; the text itself is not shown, since it holds a password.</summary>
    /// <param name="provider">What must be found there.</param>
    /// <param name="required">Whether the node can do without it.</param>
    public IEnumerable<string> FindFaults(ClusteringProvider provider, bool required)
    {
        if (provider == ClusteringProvider.Localhost)
        {
            if (IsGiven)
                yield return $"ConnectionStrings:{Setting}: is given, but Cluster:Provider is Localhost, so that it would not be used; "
                    + "choose PostgreSql or Redis.";
        }
        else if (!IsGiven)
        {
            if (required)
                yield return $"ConnectionStrings:{Setting}: is missing; Cluster:Provider {provider} needs {ExampleOf(provider)}.";
        }
        else if (!IsReadable(provider))
        {
            yield return $"ConnectionStrings:{Setting}: is not an address for Cluster:Provider {provider}, such as {ExampleOf(provider)}.";
        }
    }

    private static string ExampleOf(ClusteringProvider provider) =>
        provider == ClusteringProvider.Redis ? "redis:6379,password=..." : "Host=database;Database=notify;Username=notify;Password=...";

    private bool IsReadable(ClusteringProvider provider)
    {
        try
        {
            return provider == ClusteringProvider.Redis ? ParseRedis(Text).EndPoints.Count > 0 : ParsePostgreSql(Text).Host is { Length: > 0 };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    private static NpgsqlConnectionStringBuilder ParsePostgreSql(string? text)
    {
        var address = new NpgsqlConnectionStringBuilder(text);
        if (!address.ContainsKey("Timeout"))
            address.Timeout = PatienceSeconds;
        if (!address.ContainsKey("Command Timeout"))
            address.CommandTimeout = PatienceSeconds;
        address.ApplicationName ??= "notifyorleans-cluster";
        return address;
    }

    private static ConfigurationOptions ParseRedis(string? text)
    {
        var options = ConfigurationOptions.Parse(text ?? "");
        options.ClientName ??= "notifyorleans-cluster";
        return options;
    }
}
