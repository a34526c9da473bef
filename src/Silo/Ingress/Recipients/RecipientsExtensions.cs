using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Ingress.Recipients.PostgreSqlEngine;
using NotifyOrleans.Silo.Ingress.Recipients.RocksDbEngine;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;

namespace NotifyOrleans.Silo.Ingress.Recipients;

/// <summary>Messages to many users, written down before the broker forgets them.</summary>
public static class RecipientsExtensions
{
    public static WebApplicationBuilder AddRecipients(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => CreateStore(services.GetRequiredService<IOutboxStore>()));
        return builder;
    }

    /// <summary>They are where the outbox is, with its connections and its writer.</summary>
    public static IRecipientsLogStore CreateStore(IOutboxStore outbox) =>
        outbox switch
        {
            PostgreSqlOutboxStore postgreSql => new PostgreSqlRecipientsLogStore(postgreSql.Database),
            RocksDbOutboxStore rocksDb => new RocksDbRecipientsLogStore(rocksDb.Database, rocksDb.Writer),
            _ => throw new NotSupportedException($"{outbox.GetType()} keeps no messages to many users"),
        };
}
