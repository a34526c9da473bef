using NotifyOrleans.Grains.Shards;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>Who is known to have been sent which <c>message-id</c>, and what searches under way hear of.</summary>
public sealed class RepeatWindowsTests
{
    private static readonly TimeSpan Start = TimeSpan.FromDays(1);

    private readonly RepeatWindows _windows = new(new MailboxOptions { MaxRepeatIds = 3, RepeatWindow = TimeSpan.FromMinutes(5) });

    [Fact]
    public void Id_OfOneMailbox_IsNotKnownInAnother()
    {
        _windows.Add("alice", "a", 1, Start);

        Assert.True(_windows.Knows("alice", "a", out var number));
        Assert.Equal(1, number);
        Assert.False(_windows.Knows("bob", "a", out _));
    }

    [Fact]
    public void Id_ThatIsStored_IsToldToSearchesUnderWayAlone()
    {
        using var search = new RepeatSearch(_windows.End);
        var ended = new RepeatSearch(_windows.End);
        _windows.Begin(search);
        _windows.Begin(ended);
        ended.Dispose();
        _windows.Add("alice", "a", 1, Start);

        _windows.OnStored("alice", "a");

        Assert.False(_windows.Knows("alice", "a", out _));
        Assert.True(search.Has("alice", "a"));
        Assert.False(search.Has("bob", "a"));
        Assert.False(ended.Has("alice", "a"));
    }

    [Fact]
    public void Id_UnderAnotherNumber_IsNotRemoved()
    {
        _windows.Add("alice", "a", 1, Start);
        _windows.Remove("alice", "a", 2);
        Assert.True(_windows.Knows("alice", "a", out _));

        _windows.Remove("alice", "a", 1);
        Assert.False(_windows.Knows("alice", "a", out _));
    }

    [Fact]
    public void Ids_OfSeveralMailboxes_AreForgottenEachInItsTime()
    {
        _windows.Add("alice", "a", 1, Start);
        _windows.Add("bob", "b", 2, Start + TimeSpan.FromMinutes(3));

        _windows.Trim(Start + TimeSpan.FromMinutes(6));

        Assert.False(_windows.Knows("alice", "a", out _));
        Assert.True(_windows.Knows("bob", "b", out _));
    }
}
