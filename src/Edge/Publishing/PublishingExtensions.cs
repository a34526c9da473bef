using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>What clients send, to the broker.</summary>
internal static class PublishingExtensions
{
    public static WebApplicationBuilder AddPublishing(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<PublishingOptions, PublishingOptionsValidator>(PublishingOptions.Section);
        builder.Services.AddSingleton<BrokerAddress>();
        builder.Services.AddSingleton<PublishingMetrics>();
        builder.Services.AddSingleton<BrokerConnection>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<BrokerConnection>());
        builder.Services.AddSingleton<Publisher>();
        builder.Services.AddSingleton<ExchangeTypes>();
        return builder;
    }
}
