namespace NotifyOrleans.Edge.Queues;

/// <summary>Subscriptions to queues of the broker, and what SEND does with queues.</summary>
internal static class QueuesExtensions
{
    public static WebApplicationBuilder AddQueues(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<QueueTable>();
        builder.Services.AddSingleton<QueueFeeds>();
        builder.Services.AddSingleton<QueueSender>();
        return builder;
    }
}
