using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Silo.Authority;

/// <summary>The token authority of a silo.</summary>
public static class AuthorityExtensions
{
    /// <summary>Adds the authority; its settings are the section <c>Authority</c>. The default rules need the ingress' <see cref="SourceRoutes"/>.</summary>
    public static WebApplicationBuilder AddAuthority(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<AuthorityOptions, AuthorityOptionsValidator>(AuthorityOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AuthorityOptions>, IssuerOptionsValidator>());

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BrokerAddress>();
        services.AddSingleton<DevelopmentIssuer>();
        services.AddSingleton<IDevelopmentIssuer>(provider => provider.GetRequiredService<DevelopmentIssuer>());
        services.AddSingleton<ITokenValidator, JwtTokenValidator>();
        services.AddSingleton(CreateRules);
        services.AddSingleton<AuthorityMetrics>();
        services.AddSingleton<TokenAuthority>();

        services.Configure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MaxRequestLineSize = Math.Max(kestrel.Limits.MaxRequestLineSize, AuthorityEndpoints.MaxRequestBytes));
        return builder;
    }

    /// <summary>Serves <c>/auth</c> to the broker.</summary>
    public static WebApplication MapAuthority(this WebApplication app)
    {
        AuthorityEndpoints.Map(app);
        return app;
    }

    private static RuleSet CreateRules(IServiceProvider provider)
    {
        var sources = provider.GetRequiredService<SourceRoutes>().Descriptions.Select(source => source.Exchange);
        var configured = provider.GetRequiredService<IOptions<AuthorityOptions>>().Value.Rules.Select(AccessRule.From);
        return new RuleSet([.. DefaultRules.Of(provider.GetRequiredService<BrokerAddress>().Vhost, sources), .. configured]);
    }
}
