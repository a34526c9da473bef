using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Exceptions;
using NotifyOrleans.Grains.Placement;
using NotifyOrleans.Grains.Queues;
using NotifyOrleans.Grains.Shards;
using NotifyOrleans.Grains.Topics;
using NotifyOrleans.Grains.Topics.Durable;
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
        services.AddExceptionSerialization();
        return services.AddPlacement().AddDispatchers().AddShards().AddUsers().AddUserEvents().AddBrokerQueues().AddTopics().AddLinks();
    }
}
