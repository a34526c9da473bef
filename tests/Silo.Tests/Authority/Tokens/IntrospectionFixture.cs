namespace NotifyOrleans.Silo.Tests.Authority.Tokens;

/// <summary>A silo that asks two issuers about tokens, beside those of <see cref="TestIssuers"/>.</summary>
public sealed class IntrospectionFixture : IAsyncLifetime
{
    internal CapturedLog Log { get; } = new();

    /// <summary>Its answers are kept for long.</summary>
    internal IssuerServer Issuer { get; private set; } = null!;

    /// <summary>Its answers are kept for a moment.</summary>
    internal IssuerServer Forgetful { get; private set; } = null!;

    internal AuthoritySilo Silo { get; private set; } = null!;

    internal BothSides BothSides { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        (Issuer, Forgetful) = (await IssuerServer.StartAsync(), await IssuerServer.StartAsync());
        var settings = TestIssuers
            .Settings.Concat(Issuer.ByQuestions(3, TimeSpan.FromHours(1)))
            .Concat(Forgetful.ByQuestions(4, TimeSpan.FromMilliseconds(50)))
            .ToDictionary();
        settings["Authority:Rules:0:Claim"] = "scope=log.read";
        settings["Authority:Rules:0:Resource"] = "queue";
        settings["Authority:Rules:0:Name"] = "audit";
        settings["Authority:Rules:0:Permissions"] = "read";
        settings["Logging:LogLevel:Default"] = "Trace";
        settings["Logging:Captured:LogLevel:Default"] = "Trace";
        Silo = await AuthoritySilo.StartAsync(settings, log: Log);
        BothSides = new BothSides(Silo.Http, Silo.Grain);
    }

    public async Task DisposeAsync()
    {
        await Silo.DisposeAsync();
        await Issuer.DisposeAsync();
        await Forgetful.DisposeAsync();
        Log.Dispose();
    }
}
