namespace NotifyOrleans.Edge.Topics;

/// <summary>Subscriptions to what is for many, live and durable, and what they have missed.</summary>
internal static class TopicsExtensions
{
    public static WebApplicationBuilder AddTopics(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TopicTable>();
        builder.Services.AddSingleton<LostTopics>();
        builder.Services.AddSingleton<RetainedReader>();
        builder.Services.AddSingleton<TopicServices>();
        builder.Services.AddSingleton<DurableTopics>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DurableTopics>());
        return builder;
    }
}
