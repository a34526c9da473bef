using NotifyOrleans.Grains;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Users;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Silo.Delivery;

/// <summary>The way from the partition queues to the edges: dispatchers, shards, users and links.</summary>
public static class DeliveryExtensions
{
    public static WebApplicationBuilder AddDelivery(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<MailboxOptions, MailboxOptionsValidator>(MailboxOptions.Section);
        builder.Services.AddValidatedOptions<DeliveryOptions, DeliveryOptionsValidator>(DeliveryOptions.Section);
        builder.Services.AddNotificationGrains();
        return builder;
    }
}
