using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Hosting.Clustering;

namespace NotifyOrleans.Silo.Cluster;

/// <summary>
/// Refuses an outbox that only one silo can reach where there may be several: what was stored for a user would be out of reach as soon as the user's shard
/// moves to another silo.
/// </summary>
internal sealed class SharedOutboxValidator(IConfiguration configuration) : IValidateOptions<OutboxOptions>
{
    public ValidateOptionsResult Validate(string? name, OutboxOptions options)
    {
        var provider = ClusteringOptions.ProviderIn(configuration);
        return options.Provider == OutboxProvider.RocksDb && IsReadable && provider != ClusteringProvider.Localhost
            ? ValidateOptionsResult.Fail(
                $"Outbox:Provider: RocksDb keeps the outbox in a folder of one silo, and with Cluster:Provider {provider} there may be several; use PostgreSql."
            )
            : ValidateOptionsResult.Success;
    }

    /// <summary>Whether RocksDb is what was chosen, or left as the default; a provider that does not exist is a fault of its own.</summary>
    private bool IsReadable =>
        configuration[$"{OutboxOptions.Section}:{nameof(OutboxOptions.Provider)}"] is not { Length: > 0 } text
        || Enum.TryParse<OutboxProvider>(text, ignoreCase: true, out _);
}
