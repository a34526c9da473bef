using NotifyOrleans.Silo.Tests.Database;
using NotifyOrleans.Silo.Tests.Outbox;
using NotifyOrleans.Testing.PostgreSql;

namespace NotifyOrleans.Silo.Tests.Topics;

[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlTopicLogStoreTests(PostgreSqlServer server) : TopicLogStoreContract(new PostgreSqlStoreEngine(server));
