namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>One silo with the issuers of <see cref="TestIssuers"/> and some rules, for the tests that do not change it.</summary>
public sealed class AuthorityFixture : IAsyncLifetime
{
    internal AuthoritySilo Silo { get; private set; } = null!;

    internal BothSides BothSides { get; private set; } = null!;

    internal HttpClient Http => Silo.Http;

    public async Task InitializeAsync()
    {
        var settings = TestIssuers.Settings;
        settings["Authority:Rules:0:Role"] = "auditor";
        settings["Authority:Rules:0:Resource"] = "topic";
        settings["Authority:Rules:0:Name"] = "audit";
        settings["Authority:Rules:0:Permissions:0"] = "read";
        settings["Authority:Rules:0:Key"] = "log.#";
        settings["Authority:Rules:1:Claim"] = "scope=log.write";
        settings["Authority:Rules:1:Resource"] = "topic";
        settings["Authority:Rules:1:Name"] = "audit";
        settings["Authority:Rules:1:Permissions"] = "write, read";
        settings["Authority:Rules:1:Key"] = "log.{user}.#";
        Silo = await AuthoritySilo.StartAsync(settings);
        BothSides = new BothSides(Silo.Http, Silo.Grain);
    }

    public async Task DisposeAsync() => await Silo.DisposeAsync();
}
