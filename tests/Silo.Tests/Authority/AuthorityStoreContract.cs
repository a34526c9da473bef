using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Tests.Authority;

/// <summary>What every engine of the authority's store does.</summary>
public abstract class AuthorityStoreContract
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Opens the test's store, again if it was closed.</summary>
    protected abstract Task<IAuthorityStore> OpenAsync();

    [Fact]
    public async Task Revocations_AreReadInOrder_AlsoWhenTheStoreIsOpenedAgain()
    {
        var store = await OpenAsync();
        Assert.Empty(await store.ReadRevocationsAsync(0, 10, default));
        var added = new List<Revocation>();
        foreach (var revocation in new[] { new Revocation(0, "ä.*", null, Noon), new(0, null, "id", null), new(0, null, null, Noon.AddTicks(10)) })
            added.Add(await store.AddRevocationAsync(revocation, default));
        Assert.Equal(added.OrderBy(revocation => revocation.Number), added);

        store = await OpenAsync();

        Assert.Equal(added, await store.ReadRevocationsAsync(0, 10, default));
        Assert.Equal(added[1..2], await store.ReadRevocationsAsync(added[0].Number, 1, default));
        Assert.True((await store.AddRevocationAsync(new Revocation(0, "b", null, Noon), default)).Number > added[^1].Number);
    }

    [Fact]
    public async Task Revocations_AddedAtOnce_HaveNumbersOfTheirOwn()
    {
        var store = await OpenAsync();
        var added = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => store.AddRevocationAsync(new Revocation(0, null, $"{i}", null), default))));
        Assert.Equal(20, added.Select(revocation => revocation.Number).Distinct().Count());
        Assert.Equal(20, (await store.ReadRevocationsAsync(0, 100, default)).Count);
    }

    [Fact]
    public async Task Tokens_OfVeryManyUsers_AreForgottenByTheirEnd()
    {
        var store = await OpenAsync();
        var (ended, good) = (new UserTokens([], [], Noon), new UserTokens([], [], Noon.AddDays(1)));
        await store.WriteTokensAsync(Enumerable.Range(0, 2500).ToDictionary(user => $"{user:d4}", user => user % 1000 == 999 ? good : ended), default);
        await store.ForgetTokensAsync(Noon.AddHours(1), default);
        foreach (var user in (int[])[0, 998, 999, 1000, 1001, 1999, 2000, 2001, 2499])
            Assert.Equal(user % 1000 == 999, await store.ReadTokensAsync($"{user:d4}", default) is not null);
    }

    [Fact]
    public async Task Tokens_AreReplaced_Kept_AndForgottenByTheirEnd()
    {
        var store = await OpenAsync();
        var first = new UserTokens([new KnownToken("1", null, Noon, ["service"], ["scope=a"])], [], Noon);
        var later = first with { LastEnd = Noon.AddDays(1), FormerRoles = ["admin"] };
        await store.WriteTokensAsync(new Dictionary<string, UserTokens> { ["a"] = first, ["a.b"] = first, ["ä"] = first }, default);
        await store.WriteTokensAsync(new Dictionary<string, UserTokens> { ["a.b"] = later }, default);

        store = await OpenAsync();

        Assert.Null(await store.ReadTokensAsync("b", default));
        Assert.Equivalent(first, await store.ReadTokensAsync("ä", default), strict: true);
        Assert.Equivalent(later, await store.ReadTokensAsync("a.b", default), strict: true);
        await store.ForgetTokensAsync(Noon.AddHours(1), default);
        Assert.Null(await store.ReadTokensAsync("a", default));
        Assert.NotNull(await store.ReadTokensAsync("a.b", default));
    }
}
