using NotifyOrleans.Silo.Tests.Outbox;

namespace NotifyOrleans.Silo.Tests.Recipients;

public sealed class RocksDbRecipientsLogStoreTests() : RecipientsLogStoreContract(new RocksDbStoreEngine());
