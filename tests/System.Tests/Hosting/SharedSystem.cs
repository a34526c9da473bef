namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>Test classes that share one system, and leave it running.</summary>
[CollectionDefinition(Name)]
public sealed class SharedSystem : ICollectionFixture<RunningSystem>
{
    public const string Name = "one system";
}
