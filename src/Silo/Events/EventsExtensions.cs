using Microsoft.Extensions.DependencyInjection.Extensions;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Silo.Events;

/// <summary>What other services are told about users: that messages wait for them, that they come and go.</summary>
public static class EventsExtensions
{
    public static WebApplicationBuilder AddEvents(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<EventsOptions, EventsOptionsValidator>(EventsOptions.Section);
        services.TryAddSingleton<BrokerAddress>();
        services.AddSingleton<EventChannel>();
        services.AddSingleton<UserEvents>();
        services.AddSingleton<IUserEvents>(provider => provider.GetRequiredService<UserEvents>());
        services.AddHostedService(provider => provider.GetRequiredService<UserEvents>());
        services.AddHealthChecks().AddCheck<EventsHealthCheck>("events");
        return builder;
    }
}
