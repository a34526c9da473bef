using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Tests.Authority.Tokens;

/// <summary>What is kept of issuers' answers, with a silo of its own: others' tokens would fill the cache, too.</summary>
public sealed class IntrospectionCacheTests
{
    private const int MaxCached = 20;

    [Fact]
    public async Task Answers_AboutMadeUpTokens_DoNotDriveOutTheGoodOnes()
    {
        await using var issuer = await IssuerServer.StartAsync();
        var settings = TestIssuers.Settings.Concat(issuer.ByQuestions(3, TimeSpan.FromHours(1))).ToDictionary();
        settings["Authority:Issuers:3:Introspection:MaxCached"] = $"{MaxCached}";
        await using var silo = await AuthoritySilo.StartAsync(settings);
        var bothSides = new BothSides(silo.Http, silo.Grain);

        var good = issuer.Issue("kept", "alice");
        Assert.Equal("allow", await bothSides.AuthenticateAsync("alice", good));
        // Far more than are kept.
        var questions = Enumerable.Range(0, 10 * MaxCached).Select(i => new UserQuestion("alice", $"made-up-{i}", null, LoginOptional: false));
        Assert.DoesNotContain(await Task.WhenAll(questions.Select(silo.Grain.SignInAsync)), answer => answer.Allowed);

        Assert.Equal("allow", await bothSides.AuthenticateAsync("alice", good));
        Assert.Single(issuer.Asked, good);
    }
}
