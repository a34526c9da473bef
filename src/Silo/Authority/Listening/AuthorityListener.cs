using Microsoft.AspNetCore.Server.Kestrel;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Silo.Authority.Listening;

/// <summary>
/// Listens for the broker's questions at <c>Authority:Endpoint</c>, when that is set, as an endpoint of Kestrel with our own check of client certificates.
/// </summary>
internal static class AuthorityListener
{
    private const string Section = $"{AuthorityOptions.Section}:{nameof(AuthorityOptions.Endpoint)}";

    /// <summary>Kestrel's name of it.</summary>
    private const string Name = "Authority";

    public static void Add(WebApplicationBuilder builder)
    {
        // Read by itself: the options are validated together with all others, later.
        var section = builder.Configuration.GetSection(Section);
        if (!IsAddress(section[nameof(AuthorityEndpointOptions.Url)]))
            return;
        builder.ListenAtEndpointsToo();
        builder.Configuration.AddInMemoryCollection(
            section
                .AsEnumerable(makePathsRelative: true)
                .Where(setting => setting.Value is { Length: > 0 } && setting.Key != nameof(AuthorityEndpointOptions.ClientAuthorities))
                .Select(setting => KeyValuePair.Create($"Kestrel:Endpoints:{Name}:{setting.Key}", setting.Value))
        );
        builder.Services.AddSingleton<IStartupFilter, QuestionsApart>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigurationLoader!.Endpoint(Name, endpoint => Configure(endpoint, section)));
    }

    /// <summary>Whether Kestrel can listen there.</summary>
    public static bool IsAddress(string? url)
    {
        try
        {
            return url is { Length: > 0 } && BindingAddress.Parse(url) is { Scheme: "http" or "https", PathBase.Length: 0 };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static void Configure(EndpointConfiguration endpoint, IConfigurationSection section)
    {
        endpoint.ListenOptions.Use(next =>
            connection =>
            {
                connection.Features.Set(AuthorityConnection.Mark);
                return next(connection);
            }
        );
        if (section[nameof(AuthorityEndpointOptions.ClientAuthorities)] is not { Length: > 0 } authorities)
            return;
        endpoint.HttpsOptions.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        endpoint.HttpsOptions.ClientCertificateValidation = (certificate, _, _) => ClientCertificates.AreSignedBy(authorities, certificate);
    }
}
