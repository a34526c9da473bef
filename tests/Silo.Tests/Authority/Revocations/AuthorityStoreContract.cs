using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Silo.Tests.Authority.Revocations;

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
            added.Add(await store.AddRevocationAsync(revocation with { RevokedAt = Noon.AddHours(1) }, default));
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
        var added = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => Task.Run(() => store.AddRevocationAsync(new Revocation(0, null, $"{i}", null), default)))
        );
        Assert.Equal(20, added.Select(revocation => revocation.Number).Distinct().Count());
        Assert.Equal(20, (await store.ReadRevocationsAsync(0, 100, default)).Count);
    }

    [Fact]
    public async Task Revocations_OfTokensThatWereIssuedBefore_AreForgotten_ButForTheNewest_AndNumbersGoOn()
    {
        var store = await OpenAsync();
        Revocation[] all =
        [
            new(0, "stored before", null, Noon) { RevokedAt = Noon },
            new(0, "reaches ahead", null, Noon.AddHours(2)) { RevokedAt = Noon },
            new(0, "stored later", null, Noon) { RevokedAt = Noon.AddHours(1) },
            new(0, "for good", null, DateTimeOffset.MaxValue) { RevokedAt = Noon },
            new(0, null, "id", null) { RevokedAt = Noon },
            new(0, null, null, Noon) { RevokedAt = Noon },
            new(0, null, "newest", null) { RevokedAt = Noon },
        ];
        for (var i = 0; i < all.Length; i++)
            all[i] = await store.AddRevocationAsync(all[i], default);

        await store.ForgetRevocationsAsync(Noon, default);
        Assert.Equal(all.Length, (await store.ReadRevocationsAsync(0, 10, default)).Count);
        // Whoever repeats it, or does it at the same time, does no harm.
        for (var i = 0; i < 2; i++)
            await Task.WhenAll(store.ForgetRevocationsAsync(Noon.AddHours(1), default), store.ForgetRevocationsAsync(Noon.AddHours(1), default));

        Assert.Equal(["reaches ahead", "stored later", "for good", "newest"], await NamesAsync(store));
        Assert.Equal([all[2], all[3]], await store.ReadRevocationsAsync(all[1].Number, 2, default));
        await store.ForgetRevocationsAsync(Noon.AddYears(100), default);
        store = await OpenAsync();
        Assert.Equal(["for good", "newest"], await NamesAsync(store));
        var next = await store.AddRevocationAsync(new Revocation(0, null, "next", null) { RevokedAt = Noon }, default);
        Assert.True(next.Number > all[^1].Number);
        await store.ForgetRevocationsAsync(Noon.AddHours(1), default);
        Assert.Equal(["for good", "next"], await NamesAsync(store));
        Assert.Equal([next], await store.ReadRevocationsAsync(all[^1].Number, 10, default));
    }

    [Fact]
    public async Task Revocations_ThatAreVeryMany_AreForgotten()
    {
        var store = await OpenAsync();
        for (var i = 0; i < 2100; i++)
            await store.AddRevocationAsync(new Revocation(0, null, $"{i}", null) { RevokedAt = i % 1000 == 999 ? Noon.AddHours(1) : Noon }, default);
        await store.ForgetRevocationsAsync(Noon.AddMinutes(1), default);
        Assert.Equal(["999", "1999", "2099"], await NamesAsync(store));
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
        await store.WriteTokensAsync(
            new Dictionary<string, UserTokens>
            {
                ["a"] = first,
                ["a.b"] = first,
                ["ä"] = first,
            },
            default
        );
        await store.WriteTokensAsync(new Dictionary<string, UserTokens> { ["a.b"] = later }, default);

        store = await OpenAsync();

        Assert.Null(await store.ReadTokensAsync("b", default));
        Assert.Equivalent(first, await store.ReadTokensAsync("ä", default), strict: true);
        Assert.Equivalent(later, await store.ReadTokensAsync("a.b", default), strict: true);
        await store.ForgetTokensAsync(Noon.AddHours(1), default);
        Assert.Null(await store.ReadTokensAsync("a", default));
        Assert.NotNull(await store.ReadTokensAsync("a.b", default));
    }

    private static async Task<IEnumerable<string?>> NamesAsync(IAuthorityStore store) =>
        (await store.ReadRevocationsAsync(0, 3000, default)).Select(revocation => revocation.User ?? revocation.TokenId);
}
