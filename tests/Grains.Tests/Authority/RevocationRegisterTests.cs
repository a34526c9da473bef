using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;

namespace NotifyOrleans.Grains.Tests.Authority;

/// <summary>What a silo knows of revocations, what it tells edges, and what it forgets.</summary>
public sealed class RevocationRegisterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly RevocationRegister _register = new();

    [Fact]
    public void Forget_WhatIsAboutOlderTokens_IsNeitherKnownNorTold()
    {
        _register.Add([OfUser(1, "alice", Noon), OfToken(2, "id", Noon), OfUser(3, "bob", Noon.AddHours(2)), OfToken(4, "later", Noon.AddHours(2))]);
        Assert.Null(_register.After(0).ForgottenBefore);

        _register.Forget(Noon.AddHours(1));

        Assert.False(_register.Covers("alice", "", Noon.AddHours(-1)));
        Assert.False(_register.Covers("x", "id", null));
        Assert.True(_register.Covers("bob", "", Noon));
        Assert.True(_register.Covers("x", "later", null));
        Assert.Equal([3, 4], _register.After(0).Revocations.Select(revocation => revocation.Number));
        Assert.Equal([4], _register.After(3).Revocations.Select(revocation => revocation.Number));
        Assert.Equal([3, 4], _register.After(1).Revocations.Select(revocation => revocation.Number));
        Assert.Equal(Noon.AddHours(1), _register.After(4).ForgottenBefore);
    }

    [Fact]
    public void Forget_Everything_TheLastNumberStays_SoThatNobodyBeginsAnewAndNothingIsReadTwice()
    {
        Revocation[] all = [OfUser(1, "alice", Noon), OfToken(2, "id", Noon)];
        _register.Add(all);

        _register.Forget(Noon.AddHours(1));
        _register.Add(all);

        Assert.Equal(2, _register.Last);
        Assert.Empty(_register.After(0).Revocations);
        Assert.Equal((2, 2), (_register.After(2).Last, _register.After(0).Last));
        _register.Add([OfToken(3, "next", Noon.AddHours(2))]);
        Assert.Equal([3], _register.After(2).Revocations.Select(revocation => revocation.Number));
        Assert.Equal([3], _register.After(0).Revocations.Select(revocation => revocation.Number));
    }

    [Fact]
    public void Forget_WhatDoesNotSayWhenItWasStored_OrReachesAhead_Stays()
    {
        _register.Add([
            OfUser(1, "before", Noon) with
            {
                RevokedAt = null,
            },
            OfToken(2, "id before", null),
            OfUser(3, "ahead", Noon) with
            {
                IssuedBefore = DateTimeOffset.MaxValue,
            },
        ]);

        _register.Forget(Noon.AddYears(100));

        Assert.True(_register.Covers("before", "", null));
        Assert.True(_register.Covers("x", "id before", null));
        Assert.True(_register.Covers("ahead", "", Noon.AddYears(50)));
        Assert.Equal(3, _register.After(0).Revocations.Length);
    }

    [Fact]
    public void Forget_AUserWhoWasRevokedAgain_WaitsForTheLatestOfBoth()
    {
        _register.Add([OfUser(1, "alice", Noon.AddHours(2)), OfUser(2, "alice", Noon), OfToken(3, "id", Noon.AddHours(2)), OfToken(4, "id", Noon)]);

        _register.Forget(Noon.AddHours(1));

        Assert.True(_register.Covers("alice", "", Noon.AddHours(1)));
        Assert.True(_register.Covers("x", "id", null));
        // Stored later than what it is about: as long as the later of both.
        _register.Add([OfUser(5, "bob", Noon) with { RevokedAt = Noon.AddHours(3) }]);
        _register.Forget(Noon.AddHours(2.5));
        Assert.False(_register.Covers("alice", "", Noon.AddHours(1)));
        Assert.True(_register.Covers("bob", "", Noon.AddHours(-1)));
    }

    [Fact]
    public void Forget_WhatConcernsEverybody_IsNotTold_ButKnown()
    {
        _register.Add([new Revocation(1, null, null, Noon) { RevokedAt = Noon }]);

        _register.Forget(Noon.AddHours(1));

        Assert.Empty(_register.After(0).Revocations);
        Assert.True(_register.Covers("anybody", "", Noon.AddHours(-1)));
    }

    private static Revocation OfUser(long number, string user, DateTimeOffset at) => new(number, user, null, at) { RevokedAt = at };

    private static Revocation OfToken(long number, string id, DateTimeOffset? at) => new(number, null, id, null) { RevokedAt = at };
}
