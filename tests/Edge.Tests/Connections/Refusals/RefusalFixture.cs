using NotifyOrleans.Edge.Tests.Hosting;

namespace NotifyOrleans.Edge.Tests.Connections.Refusals;

/// <summary>An edge that tells two refusals of a login and four of an address at once, and the next ones not while a test lasts. It logs everything.</summary>
public sealed class RefusalFixture : EdgeAtSilo
{
    public const int PerUser = 2;
    public const int PerAddress = 4;

    protected override IEnumerable<(string Name, string Value)> Settings =>
        [
            ("Stomp__Refusals__PerUser", $"{PerUser}"),
            ("Stomp__Refusals__PerUserAndSecond", "0.0001"),
            ("Stomp__Refusals__PerAddress", $"{PerAddress}"),
            ("Stomp__Refusals__PerAddressAndSecond", "0.0001"),
            ("Stomp__Refusals__Delay", "00:05:00"),
            ("Stomp__LoginTimeout", "00:10:00"),
            ("Logging__LogLevel__Default", "Trace"),
            ("Logging__LogLevel__Microsoft.AspNetCore", "Trace"),
            ("Logging__LogLevel__Orleans", "Trace"),
        ];
}
