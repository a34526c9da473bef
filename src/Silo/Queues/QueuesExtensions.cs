using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Queues;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Hosting.Configuration;
using NotifyOrleans.Silo.Broker;
using NotifyOrleans.Streaming.RabbitMQ.Connections;

namespace NotifyOrleans.Silo.Queues;

/// <summary>Subscriptions to queues of the broker, on connections of their own: what they wait for holds up no ingress.</summary>
internal static class QueuesExtensions
{
    public static WebApplicationBuilder AddQueues(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<QueuesOptions, QueuesOptionsValidator>(QueuesOptions.Section);
        services.TryAddSingleton<BrokerAddress>();
        services.AddSingleton(provider => new QueueConnections(
            number => new BrokerConnection(
                BrokerConnections.FactoryOf(provider.GetRequiredService<BrokerAddress>()),
                BrokerConnections.NameOf($"queues {number}"),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<BrokerConnection>>()
            ),
            provider.GetRequiredService<IOptions<QueuesOptions>>()
        ));
        return builder;
    }
}
