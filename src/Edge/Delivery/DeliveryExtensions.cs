using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>Links to the silos, and what comes over them.</summary>
internal static class DeliveryExtensions
{
    public static WebApplicationBuilder AddDelivery(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<LinksOptions, LinksOptionsValidator>(LinksOptions.Section);
        builder.Services.AddSingleton<EdgeIdentity>();
        builder.Services.AddSingleton<LinkMetrics>();
        builder.Services.AddSingleton<LinkTable>();
        builder.Services.AddSingleton<RegistrationTable>();
        builder.Services.AddSingleton<DeliveryRouter>();
        builder.Services.AddHostedService<LinkKeeper>();
        return builder;
    }
}
