using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Authority;

/// <summary>The token authority of a silo.</summary>
public static class AuthorityExtensions
{
    /// <summary>Adds the authority; its settings are the section <c>Authority</c>. A fault in them stops the start and names them all.</summary>
    public static IServiceCollection AddAuthority(this IServiceCollection services)
    {
        services.AddOptions<AuthorityOptions>().BindConfiguration(AuthorityOptions.Section).Configure<IConfiguration>(ReadPermissionTexts).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuthorityOptions>, RuleOptionsValidator>();
        services.AddSingleton<IValidateOptions<AuthorityOptions>, IssuerOptionsValidator>();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DevelopmentIssuer>();
        services.AddSingleton<IDevelopmentIssuer>(provider => provider.GetRequiredService<DevelopmentIssuer>());
        services.AddSingleton<ITokenValidator, JwtTokenValidator>();
        services.AddSingleton(CreateRules);
        services.AddSingleton<AuthorityMetrics>();
        services.AddSingleton<TokenAuthority>();

        services.Configure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MaxRequestLineSize = Math.Max(kestrel.Limits.MaxRequestLineSize, AuthorityEndpoints.MaxRequestBytes));
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, RequestLogSilencer>();
        return services;
    }

    /// <summary>Maps the endpoints that the broker asks.</summary>
    public static void MapAuthority(this IEndpointRouteBuilder endpoints) => AuthorityEndpoints.Map(endpoints);

    /// <summary>A list may also be given as one text, <c>Permissions=write,read</c>, as people write it in an environment variable.</summary>
    private static void ReadPermissionTexts(AuthorityOptions options, IConfiguration configuration)
    {
        for (var i = 0; i < options.Rules.Length; i++)
        {
            if (configuration[$"{AuthorityOptions.Section}:Rules:{i}:{nameof(RuleOptions.Permissions)}"] is { Length: > 0 } text)
                options.Rules[i].Permissions = text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        }
    }

    private static RuleSet CreateRules(IServiceProvider provider)
    {
        var configuration = provider.GetRequiredService<IConfiguration>();
        var sources = configuration.GetSection("Ingress:Sources").GetChildren().Select(source => source["Exchange"]).OfType<string>().DefaultIfEmpty("notifications");
        var options = provider.GetRequiredService<IOptions<AuthorityOptions>>().Value;
        return new RuleSet([.. DefaultRules.Of(VhostOf(configuration), sources), .. options.Rules.Select(rule => AccessRule.From(rule))]);
    }

    /// <summary>The vhost that notifications come from.</summary>
    private static string VhostOf(IConfiguration configuration) =>
        configuration.GetConnectionString("RabbitMq") is { Length: > 0 } address ? new ConnectionFactory { Uri = new Uri(address) }.VirtualHost : ConnectionFactory.DefaultVHost;
}
