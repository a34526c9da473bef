using System.Security.Cryptography;
using System.Text.Json;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Rules;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Hosting.Broker;

namespace NotifyOrleans.Silo.Authority.Rules;

/// <summary>Makes rules of the configuration: the default ones, and those that it adds.</summary>
internal sealed class RuleSetFactory(SourceRoutes sources, BrokerAddress broker)
{
    /// <param name="options">Settings without fault.</param>
    public RuleSet Create(AuthorityOptions options)
    {
        var exchanges = sources.Descriptions.Select(source => source.Exchange).ToArray();
        var rules = DefaultRules.Of(broker.Vhost, exchanges).Concat(options.Rules.Select(AccessRule.From));
        return new RuleSet([.. rules], AddressRanges.From(options.AddressRanges), options.ScopeClaim, options.ScopePrefix)
        {
            Version = VersionOf(
                new
                {
                    broker.Vhost,
                    exchanges,
                    options.Rules,
                    options.AddressRanges,
                    options.ScopeClaim,
                    options.ScopePrefix,
                }
            ),
        };
    }

    private static string VersionOf(object settings) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(settings)).AsSpan(0, 8));
}
