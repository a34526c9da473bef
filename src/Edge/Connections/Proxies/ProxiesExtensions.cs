using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Edge.Connections.Proxies;

/// <summary>Listed proxies tell the client's address; without any listed, nothing of this is there.</summary>
internal static class ProxiesExtensions
{
    public static WebApplicationBuilder AddProxies(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<ProxiesOptions, ProxiesOptionsValidator>(ProxiesOptions.Section);
        builder.Services.AddSingleton<ProxyProtocol>();
        builder
            .Services.AddOptions<ForwardedHeadersOptions>()
            .Configure<IOptions<ProxiesOptions>>(
                (headers, proxies) =>
                {
                    headers.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
                    headers.KnownProxies.Clear();
                    headers.KnownIPNetworks.Clear();
                    foreach (var network in new ProxyNetworks(proxies.Value.Networks).All)
                        headers.KnownIPNetworks.Add(network);
                    // From the last proxy back to the first address that is not a listed one's.
                    headers.ForwardLimit = null;
                }
            );
        return builder;
    }

    /// <summary>Takes the client's address from the PROXY protocol. Before TLS.</summary>
    public static void UseProxyProtocol(this ListenOptions listener, IServiceProvider services)
    {
        if (services.GetRequiredService<IOptions<ProxiesOptions>>().Value.ProxyProtocolPorts.Count > 0)
            listener.Use(next => connection => services.GetRequiredService<ProxyProtocol>().ServeAsync(connection, next));
    }

    /// <summary>Takes the client's address from <c>X-Forwarded-For</c>.</summary>
    public static WebApplication UseProxies(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ProxiesOptions>>().Value.Networks.Count > 0)
            app.UseForwardedHeaders();
        return app;
    }
}
