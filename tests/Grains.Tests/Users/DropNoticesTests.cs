using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Tests.Users;

/// <summary>What is told of dropped messages while nobody knows whether it was seen.</summary>
public sealed class DropNoticesTests
{
    private readonly DropNotices _notices = new();

    [Fact]
    public void Dropped_ThatAMessageTells_IsToldWithNoOther_UntilThatComesBack()
    {
        Assert.Equal(3, _notices.Take(3));
        Assert.Equal(0, _notices.Take(3));
        Assert.Equal(2, _notices.Take(5));

        _notices.Return(3);

        Assert.Equal(3, _notices.Take(5));
    }

    [Fact]
    public void Dropped_ThatWasSeen_IsTakenFromTheTally()
    {
        var change = new MailboxChange();
        var told = _notices.Take(3);

        _notices.Settle(told, change);

        Assert.Equal(-3, change.Tally.Dropped);
        // The tally has what came since.
        Assert.Equal(1, _notices.Take(1));
    }

    [Fact]
    public void Dropped_OfAMailboxThatWasCleared_IsForgotten()
    {
        _notices.Take(3);
        _notices.Clear();

        Assert.Equal(1, _notices.Take(1));
    }
}
