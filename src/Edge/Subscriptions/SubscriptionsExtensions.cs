namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>What feeds a subscription.</summary>
internal static class SubscriptionsExtensions
{
    public static WebApplicationBuilder AddSubscriptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FeedFactory>();
        return builder;
    }
}
