using NotifyOrleans.Silo.Tests.Outbox;

namespace NotifyOrleans.Silo.Tests.Ingress.Recipients;

public sealed class RocksDbRecipientsLogStoreTests() : RecipientsLogStoreContract(new RocksDbStoreEngine());
