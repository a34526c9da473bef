namespace NotifyOrleans.Edge.Tests.Hosting;

/// <summary>Tests that share one edge with everything turned on that brings clients in.</summary>
[CollectionDefinition(Name)]
public sealed class TransportCollection : ICollectionFixture<TransportFixture>
{
    public const string Name = "transports";
}
