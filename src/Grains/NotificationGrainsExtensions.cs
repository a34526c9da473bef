using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Placement;
using NotifyOrleans.Grains.Queues;
using NotifyOrleans.Grains.Shards;
using NotifyOrleans.Grains.Topics;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Grains.Topics.Retained;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains;

/// <summary>Adds what the grains need on a silo, in the order of a message's way.</summary>
public static class NotificationGrainsExtensions
{
    /// <summary>
    /// Adds dispatchers, shards, users and links. The silo adds the ports beside them: <c>IOutboxStore</c>, <see cref="ITopicLogStore"/>,
    /// <see cref="IDeadLetters"/>, <see cref="IUserEvents"/>, <see cref="SourceRoutes"/>, <see cref="DeliveryLimits"/>, <see cref="QueueConnections"/> and the
    /// RabbitMQ streams; and binds and checks the options.
    /// </summary>
    public static IServiceCollection AddNotificationGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddPlacement();

        services.AddSingleton<DeliveryReader>();
        services.AddSingleton<IDeliveryRouter, DeliveryRouter>();
        services.AddSingleton<DispatcherMetrics>();

        services.AddOptions<MailboxOptions>();
        services.AddSingleton<HostedShards>();
        services.AddSingleton<ChannelFence>();
        services.AddSingleton<SettlementQueue>();
        services.AddSingleton<ShardMetrics>();
        services.AddSingleton<UserMetrics>();
        services.AddHostedService<ShardSweeper>();
        services.AddHostedService<ShardBalancer>();

        services.AddOptions<EventsOptions>();
        services.AddSingleton<UserEventMetrics>();
        services.AddHostedService<UndeliveredSweep>();

        services.AddOptions<QueuesOptions>();
        services.AddSingleton<QueueMetrics>();

        services.AddOptions<DeliveryOptions>();
        services.AddSingleton<TopicFanout>();
        services.AddOptions<TopicLogOptions>();
        services.AddSingleton<TopicLogMetrics>();
        services.AddOptions<RetainedOptions>();
        services.AddSingleton<RetainedMetrics>();
        services.AddSingleton<DurablePatterns>();
        services.AddHostedService(provider => provider.GetRequiredService<DurablePatterns>());
        services.AddSingleton<TopicLogSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<TopicLogSweep>());
        services.AddSingleton<DeliveryMetrics>();
        services.AddSingleton<EdgeLinks>();
        services.AddSingleton<IEdgeLinks>(provider => provider.GetRequiredService<EdgeLinks>());
        services.AddHostedService(provider => provider.GetRequiredService<EdgeLinks>());
        return services;
    }
}
