namespace NotifyOrleans.System.Tests.Scripts;

/// <summary>Tests that share one system started by <c>scripts/up.sh</c>; each leaves it running.</summary>
[CollectionDefinition(Name)]
public sealed class StartedByScriptsCollection : ICollectionFixture<StartedByScripts>
{
    public const string Name = "started by scripts";
}
