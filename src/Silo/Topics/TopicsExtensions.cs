using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Grains.Topics.Retained;
using NotifyOrleans.Hosting.Configuration;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Silo.Topics.PostgreSqlEngine;
using NotifyOrleans.Silo.Topics.RocksDbEngine;

namespace NotifyOrleans.Silo.Topics;

/// <summary>Logs of topic messages, for durable subscriptions, and messages that are retained.</summary>
public static class TopicsExtensions
{
    public static WebApplicationBuilder AddTopics(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<TopicLogOptions, TopicLogOptionsValidator>(TopicLogOptions.Section);
        builder.Services.AddValidatedOptions<RetainedOptions, RetainedOptionsValidator>(RetainedOptions.Section);
        builder.Services.AddSingleton(services => CreateStore(services.GetRequiredService<IOutboxStore>()));
        builder.Services.AddSingleton(services => CreateRetainedStore(services.GetRequiredService<IOutboxStore>()));
        return builder;
    }

    /// <summary>They are where the outbox is, with its connections and its writer.</summary>
    public static ITopicLogStore CreateStore(IOutboxStore outbox) =>
        outbox switch
        {
            PostgreSqlOutboxStore postgreSql => new PostgreSqlTopicLogStore(postgreSql.Database),
            RocksDbOutboxStore rocksDb => new RocksDbTopicLogStore(rocksDb.Database, rocksDb.Writer),
            _ => throw new NotSupportedException($"{outbox.GetType()} keeps no topics"),
        };

    /// <inheritdoc cref="CreateStore"/>
    public static IRetainedStore CreateRetainedStore(IOutboxStore outbox) =>
        outbox switch
        {
            PostgreSqlOutboxStore postgreSql => new PostgreSqlRetainedStore(postgreSql.Database),
            RocksDbOutboxStore rocksDb => new RocksDbRetainedStore(rocksDb.Database, rocksDb.Writer),
            _ => throw new NotSupportedException($"{outbox.GetType()} keeps no topics"),
        };
}
