using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Edge.Connections;

/// <summary>Sockets of clients.</summary>
internal static class ConnectionsExtensions
{
    public static WebApplicationBuilder AddConnections(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<StompOptions, StompOptionsValidator>(StompOptions.Section);
        builder.Services.AddSingleton<ConnectionMetrics>();
        builder.Services.AddSingleton<ConnectionTable>();
        builder.Services.AddSingleton<ConnectionServices>();
        builder.Services.AddSingleton<StompEndpoint>();
        builder.Services.AddHostedService<ConnectionDrain>();
        return builder;
    }

    /// <summary>Serves STOMP over WebSocket at <c>Stomp:Path</c>.</summary>
    public static WebApplication MapStomp(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            ProbingUpgrade.Install(context.Features);
            return next(context);
        });
        app.UseWebSockets();
        app.Map(app.Services.GetRequiredService<IOptions<StompOptions>>().Value.Path, app.Services.GetRequiredService<StompEndpoint>().ServeAsync);
        return app;
    }
}
