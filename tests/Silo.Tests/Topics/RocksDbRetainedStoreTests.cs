using NotifyOrleans.Silo.Tests.Outbox;

namespace NotifyOrleans.Silo.Tests.Topics;

public sealed class RocksDbRetainedStoreTests() : RetainedStoreContract(new RocksDbStoreEngine());
