using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Issuers;
using NotifyOrleans.Grains.Authority.Rules;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Placement;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Hosting.Configuration;
using NotifyOrleans.Silo.Authority.Listening;
using NotifyOrleans.Silo.Authority.Revocations;
using NotifyOrleans.Silo.Authority.Rules;
using NotifyOrleans.Silo.Authority.Tokens;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

namespace NotifyOrleans.Silo.Authority;

/// <summary>The token authority of a silo.</summary>
public static class AuthorityExtensions
{
    /// <summary>
    /// Adds the authority; its settings are the section <c>Authority</c>. The default rules need the ingress' <see cref="SourceRoutes"/>, the store the outbox'
    /// settings.
    /// </summary>
    public static WebApplicationBuilder AddAuthority(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<AuthorityOptions, AuthorityOptionsValidator>(AuthorityOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AuthorityOptions>, IssuerOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AuthorityOptions>, EndpointOptionsValidator>());

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BrokerAddress>();
        services.AddSingleton<DevelopmentIssuer>();
        services.AddSingleton<IDevelopmentIssuer>(provider => provider.GetRequiredService<DevelopmentIssuer>());
        services.AddSingleton<JwtTokenValidator>();
        services.AddSingleton<OpaqueTokenValidator>();
        services.AddSingleton<TokenLifetime>();
        services.AddSingleton<ITokenValidator, TokenValidator>();
        services.AddSingleton<RuleSetFactory>();
        services.AddSingleton(provider => new CurrentRules(
            provider.GetRequiredService<RuleSetFactory>().Create(provider.GetRequiredService<IOptions<AuthorityOptions>>().Value)
        ));
        services.AddHostedService<RuleReload>();
        services.AddSingleton(CreateStore);
        services.AddSingleton<RevocationRegister>();
        services.AddSingleton<RevocationFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<RevocationFollower>());
        services.AddHostedService<RevocationSweep>();
        services.AddSingleton<TokenRecords>();
        services.AddHostedService(provider => provider.GetRequiredService<TokenRecords>());
        services.AddSingleton<BrokerManagement>();
        services.AddSingleton<RevocationService>();
        services.AddSingleton<AuthorityMetrics>();
        services.AddSingleton<RefusalPace>();
        services.AddPlacement();
        services.AddSingleton<TokenAuthority>();

        services.Configure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MaxRequestLineSize = Math.Max(kestrel.Limits.MaxRequestLineSize, AuthorityEndpoints.MaxRequestBytes)
        );
        AuthorityListener.Add(builder);
        return builder;
    }

    /// <summary>Serves <c>/auth</c> to the broker.</summary>
    public static WebApplication MapAuthority(this WebApplication app)
    {
        AuthorityEndpoints.Map(app);
        return app;
    }

    /// <summary>Where the outbox is, is room for the little that the authority stores.</summary>
    private static IAuthorityStore CreateStore(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<OutboxOptions>>().Value.Provider switch
        {
            OutboxProvider.PostgreSql => ActivatorUtilities.CreateInstance<PostgreSqlAuthorityStore>(
                provider,
                provider.GetRequiredService<IConfiguration>().GetConnectionString(DatabaseSettings.Name)!
            ),
            _ => ActivatorUtilities.CreateInstance<RocksDbAuthorityStore>(provider),
        };
}
