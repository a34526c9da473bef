using NotifyOrleans.Silo.Tests.Database;
using NotifyOrleans.Silo.Tests.Outbox;
using NotifyOrleans.Testing.PostgreSql;

namespace NotifyOrleans.Silo.Tests.Ingress.Recipients;

[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlRecipientsLogStoreTests(PostgreSqlServer server) : RecipientsLogStoreContract(new PostgreSqlStoreEngine(server));
