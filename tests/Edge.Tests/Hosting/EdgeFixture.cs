namespace NotifyOrleans.Edge.Tests.Hosting;

/// <summary>For tests that leave silo and edge as they are.</summary>
public sealed class EdgeFixture : EdgeAtSilo
{
    protected override IEnumerable<(string Name, string Value)> Settings => [("Stomp__LoginTimeout", "00:00:06")];
}
