using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>What edges ask for a message that names its recipients.</summary>
public sealed class ManyKeysTests(AuthorityFixture fixture) : IClassFixture<AuthorityFixture>
{
    [Theory]
    [InlineData(null, "log.mia.a", "log.mia.b")]
    [InlineData("log.bob.b", "log.mia.a", "log.bob.b", "x")]
    [InlineData("*", "*")]
    [InlineData(null)]
    public async Task Keys_TheFirstThatIsRefused_IsNamed(string? refused, params string[] keys)
    {
        var token = new TestToken("mia").With("jti", "mia-1").With("scope", "log.write");
        Assert.True((await fixture.Silo.Grain.SignInAsync(new UserQuestion("mia", token.Text, "/", LoginOptional: false))).Allowed);

        var question = new TopicQuestion("mia", "/", "audit", Permission.Write, "", [], "mia-1");
        Assert.Equal(refused, await fixture.Silo.Grain.FindRefusedKeyAsync(question, keys));
    }
}
