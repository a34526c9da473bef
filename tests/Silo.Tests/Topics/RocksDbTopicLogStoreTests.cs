using NotifyOrleans.Silo.Tests.Outbox;

namespace NotifyOrleans.Silo.Tests.Topics;

public sealed class RocksDbTopicLogStoreTests() : TopicLogStoreContract(new RocksDbStoreEngine());
