using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Ingress;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Hosting.Configuration;
using NotifyOrleans.Silo.Broker;
using NotifyOrleans.Silo.DeadLetters;
using NotifyOrleans.Silo.Ingress.Topology;
using NotifyOrleans.Streaming.RabbitMQ;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;

namespace NotifyOrleans.Silo.Ingress;

/// <summary>From the sources' exchanges to the partitions' streams.</summary>
internal static class IngressExtensions
{
    public static WebApplicationBuilder AddIngress(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        SourceDefaults.AddTo(builder.Configuration, builder.Environment.IsDevelopment());
        services.AddValidatedOptions<IngressOptions, IngressOptionsValidator>(IngressOptions.Section);
        services.TryAddSingleton<BrokerAddress>();
        services.AddSingleton(provider => new SourceRoutes(OptionsOf(provider).Sources.Select(source => new SourceDescription(source.Exchange, source.Users))));
        services.AddSingleton(provider => new DeliveryLimits(OptionsOf(provider).MaxMessageBytes, OptionsOf(provider).MaxRecipients));

        services.AddSingleton<IngressState>();
        services.AddSingleton<IngressMetrics>();
        services.AddSingleton<BrokerConnections>();
        services.AddSingleton<IngressTopology>();
        services.AddSingleton<IQueueTopology>(provider => provider.GetRequiredService<IngressTopology>());
        services.AddHostedService<TopologyWatch>();
        services.AddHostedService<ChannelWatch>();
        services.AddSingleton<IDeadLetters, DeadLetterExchange>();
        services.AddSingleton<DeadLetterQueue>();
        services.AddHealthChecks().AddCheck<IngressHealthCheck>("ingress");

        builder.UseOrleans(silo =>
            silo.AddRabbitMqStreams(streams =>
                streams.Configure<IOptions<IngressOptions>, BrokerAddress>(
                    (stream, ingress, broker) =>
                    {
                        stream.Queues = [.. Enumerable.Range(0, ingress.Value.Partitions).Select(IngressTopology.StreamOf)];
                        stream.ConnectionFactory = BrokerConnections.FactoryOf(broker);
                        stream.ConnectionName = BrokerConnections.NameOf("ingress");
                        stream.Prefetch = ingress.Value.PrefetchOfPartition;
                    }
                )
            )
        );
        return builder;
    }

    private static IngressOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<IngressOptions>>().Value;
}
