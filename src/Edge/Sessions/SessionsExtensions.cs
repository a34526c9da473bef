namespace NotifyOrleans.Edge.Sessions;

/// <summary>STOMP conversations.</summary>
internal static class SessionsExtensions
{
    public static WebApplicationBuilder AddSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SessionClock>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<SessionClock>());
        return builder;
    }
}
