using NotifyOrleans.Testing.PostgreSql;

namespace NotifyOrleans.Silo.Tests.Database;

/// <summary>The tests that share one server, each in a database of its own; those that stop a server have one to themselves.</summary>
[CollectionDefinition(Name)]
public sealed class PostgreSqlCollection : ICollectionFixture<PostgreSqlServer>
{
    public const string Name = "postgresql";
}
