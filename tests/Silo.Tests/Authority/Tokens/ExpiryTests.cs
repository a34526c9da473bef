using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Tokens;

/// <summary>The broker's later questions carry no token; they are denied all the same when it has ended.</summary>
public sealed class ExpiryTests(AuthorityFixture fixture) : IClassFixture<AuthorityFixture>
{
    // Whole seconds, and above one: exp has no fractions.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(4);

    private BothSides BothSides => fixture.BothSides;

    [Fact]
    public async Task Questions_AfterTheTokensEnd_AreDenied()
    {
        await SignInAsync(new TestToken("ends") { Lifetime = Soon });
        Assert.True(await EntersAsync("ends"));
        Assert.True(await ReadsAsync("ends"));
        await WaitForEndAsync("ends");
        Assert.False(await EntersAsync("ends"));
        Assert.False(await ReadsAsync("ends"));
    }

    [Fact]
    public async Task Questions_AfterANewToken_AreAllowedUntilItsEnd()
    {
        await SignInAsync(new TestToken("renews") { Lifetime = Soon });
        await WaitForEndAsync("renews");
        await SignInAsync(new TestToken("renews"));
        Assert.True(await EntersAsync("renews"));
        Assert.True(await ReadsAsync("renews"));
    }

    [Fact]
    public async Task Questions_AfterAnOlderTokenWasShownAgain_CountToTheNewest()
    {
        await SignInAsync(new TestToken("twice"));
        await SignInAsync(new TestToken("twice") { Lifetime = Soon });
        await SignInAsync(new TestToken("ruler") { Lifetime = Soon });
        await WaitForEndAsync("ruler");
        Assert.True(await EntersAsync("twice"));
    }

    [Fact]
    public async Task Role_OfATokenThatEnded_GoesWithIt()
    {
        await SignInAsync(new TestToken("helper"));
        await SignInAsync(new TestToken("helper", "service") { Lifetime = Soon });
        var write = new TopicQuestion("helper", "/", "notifications", Permission.Write, "user.bob", ["service"]);
        Assert.True(await BothSides.AuthorizeAsync(write));
        await Wait.Until(async () => !(await fixture.Silo.Grain.AuthorizeAsync(write)).Key, "the role to be denied after exp");
        Assert.False(await BothSides.AuthorizeAsync(write));
        Assert.True(await EntersAsync("helper"));
        Assert.True(await ReadsAsync("helper"));
    }

    [Fact]
    public async Task Questions_OfUsersWhomOneGrainKnows_AreAnsweredApart()
    {
        const string First = "neighbour";
        var second = Enumerable.Range(0, int.MaxValue).Select(number => $"{First}-{number}").First(user => ShardMap.ShardOf(user) == ShardMap.ShardOf(First));
        await SignInAsync(new TestToken(First, "service") { Lifetime = Soon });
        await SignInAsync(new TestToken(second));
        await WaitForEndAsync(First);
        Assert.False(await EntersAsync(First));
        Assert.True(await EntersAsync(second));
        Assert.True(await ReadsAsync(second));
    }

    [Fact]
    public async Task Token_WithinTheSkewAfterItsEnd_SignsInButMayDoNothing()
    {
        await SignInAsync(new TestToken("late") { Lifetime = TimeSpan.FromSeconds(-1) });
        Assert.False(await EntersAsync("late"));
    }

    [Fact]
    public async Task Questions_OfAUserWhoNeverShowedAToken_AreAnsweredByTheRules()
    {
        Assert.True(await EntersAsync("unknown"));
        Assert.True(await ReadsAsync("unknown"));
    }

    private async Task SignInAsync(TestToken token) =>
        Assert.StartsWith("allow", await BothSides.AuthenticateAsync(token.User, token.Text), StringComparison.Ordinal);

    /// <summary>Asks one side only: at that very moment the two may differ.</summary>
    private Task WaitForEndAsync(string user) =>
        Wait.Until(async () => !await fixture.Silo.Grain.AuthorizeAsync(new VhostQuestion(user, "/", null, [])), $"{user} to be denied after exp");

    private Task<bool> EntersAsync(string user) => BothSides.AuthorizeAsync(new VhostQuestion(user, "/", "127.0.0.1", []));

    private Task<bool> ReadsAsync(string user) =>
        BothSides.AuthorizeAsync(new TopicQuestion(user, "/", "notifications", Permission.Read, $"user.{user}.#", []));
}
