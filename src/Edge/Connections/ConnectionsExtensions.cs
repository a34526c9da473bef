using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Connections.Draining;
using NotifyOrleans.Edge.Connections.Proxies;
using NotifyOrleans.Edge.Connections.Refusals;
using NotifyOrleans.Edge.Connections.Tcp;
using NotifyOrleans.Edge.Connections.WebSockets;
using NotifyOrleans.Edge.Connections.Writing;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Edge.Connections;

/// <summary>Sockets of clients.</summary>
internal static class ConnectionsExtensions
{
    /// <summary>What the edge needs to end after the drain's time: the last goodbyes, settlements and links.</summary>
    private static readonly TimeSpan AfterDrain = TimeSpan.FromSeconds(5);

    public static WebApplicationBuilder AddConnections(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<StompOptions, StompOptionsValidator>(StompOptions.Section);
        builder.Services.AddSingleton<ConnectionMetrics>();
        builder.Services.AddSingleton<RefusalLimits>();
        builder.Services.AddSingleton<ConnectionTable>();
        builder.Services.AddSingleton<ConnectionServices>();
        builder.Services.AddSingleton<StompEndpoint>();
        builder.Services.AddHostedService<ConnectionDrain>();
        // For each listener, before all others of its middlewares.
        builder
            .Services.AddOptions<KestrelServerOptions>()
            .Configure<IServiceProvider>(
                (kestrel, services) =>
                    kestrel.ConfigureEndpointDefaults(listener =>
                    {
                        listener.Use(next =>
                            connection =>
                            {
                                SocketWriter.Install(connection);
                                return next(connection);
                            }
                        );
                        listener.UseProxyProtocol(services);
                    })
            );
        builder.AddProxies();
        builder.AddTcp();
        // Read by itself: the options are validated together with all others, later.
        if (!TimeSpan.TryParse(builder.Configuration[$"{StompOptions.Section}:Drain:Timeout"], CultureInfo.InvariantCulture, out var drain))
            drain = new DrainOptions().Timeout;
        builder.Services.PostConfigure<HostOptions>(host =>
            host.ShutdownTimeout = TimeSpan.FromTicks(Math.Max(host.ShutdownTimeout.Ticks, (drain + AfterDrain).Ticks))
        );
        return builder;
    }

    /// <summary>Serves STOMP over WebSocket at <c>Stomp:Path</c>.</summary>
    public static WebApplication MapStomp(this WebApplication app)
    {
        app.UseProxies();
        app.Use(
            (context, next) =>
            {
                ProbingUpgrade.Install(context.Features);
                return next(context);
            }
        );
        app.UseWebSockets();
        app.Map(app.Services.GetRequiredService<IOptions<StompOptions>>().Value.Path, app.Services.GetRequiredService<StompEndpoint>().ServeAsync);
        return app;
    }
}
