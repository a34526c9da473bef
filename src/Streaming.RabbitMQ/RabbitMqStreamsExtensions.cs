using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using NotifyOrleans.Streaming.RabbitMQ.Health;
using NotifyOrleans.Streaming.RabbitMQ.Provider;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;
using Orleans.Configuration;
using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ;

public static class RabbitMqStreamsExtensions
{
    /// <summary>
    /// Adds the stream provider <see cref="RabbitMqStreams.ProviderName"/>. Consumers are grains with
    /// <c>[ImplicitStreamSubscription(RabbitMqStreams.Namespace)]</c> that take an <c>IAsyncBatchObserver&lt;RabbitMqDelivery&gt;</c>, and settle each delivery
    /// by <see cref="IDeliverySettler"/> when it is safe. An <see cref="IQueueTopology"/> that is registered before is asked what to consume. The options are
    /// checked when the silo starts its streams.
    /// </summary>
    public static ISiloBuilder AddRabbitMqStreams(this ISiloBuilder silo, Action<OptionsBuilder<RabbitMqStreamOptions>> configure)
    {
        var services = silo.Services;
        configure(services.AddOptions<RabbitMqStreamOptions>());
        services.AddSingleton<IValidateOptions<RabbitMqStreamOptions>, RabbitMqStreamOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IQueueTopology, ExistingQueues>();
        services.AddSingleton<ChannelEpochs>();
        services.AddSingleton<RabbitMqStreamMetrics>();
        services.AddSingleton<QueueConsumers>();
        services.AddSingleton<IDeliverySettler>(provider => provider.GetRequiredService<QueueConsumers>());
        services.AddSingleton<IQueueRecovery>(provider => provider.GetRequiredService<QueueConsumers>());
        services.AddSingleton<IStreamHealth>(provider => provider.GetRequiredService<QueueConsumers>());

        // An idle stateless worker would be removed, and with it what it knows of the deliveries it was given.
        silo.Configure<StatelessWorkerOptions>(options => options.RemoveIdleWorkers = false);

        return silo.AddPersistentStreams(
            RabbitMqStreams.ProviderName,
            (provider, name) => ActivatorUtilities.CreateInstance<RabbitMqAdapterFactory>(provider, name),
            streams =>
            {
                streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
                streams.UseConsistentRingQueueBalancer();
                streams.ConfigurePullingAgent(agent =>
                    agent.Configure<IOptions<RabbitMqStreamOptions>>(
                        (pulling, options) =>
                        {
                            pulling.BatchContainerBatchSize = options.Value.BatchSize;
                            pulling.GetQueueMsgsTimerPeriod = options.Value.PollPeriod;
                            // There is one stream a queue, which is as long-lived as the queue: forgetting it would only make the next delivery late.
                            pulling.StreamInactivityPeriod = TimeSpan.FromDays(365);
                        }
                    )
                );
            }
        );
    }
}
