using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>Which rows nobody is to read, and what becomes of them.</summary>
public sealed class HiddenRowsTests
{
    private readonly HiddenRows _rows = new();

    [Fact]
    public void Row_ThatMayHaveBeenStored_IsHiddenUntilItIsStoredAgain()
    {
        _rows.OnAppendFailed([Row("alice", 1)]);
        Assert.Equal([("alice", new Place(1, 1))], _rows.All);
        Assert.Equal(["alice"], _rows.MailboxesInDoubt);

        _rows.OnAppended([Row("alice", 1)]);

        Assert.Empty(_rows.All);
        Assert.Empty(_rows.MailboxesInDoubt);
        Assert.Empty(_rows.MailboxesToDeleteFrom);
    }

    [Fact]
    public void Row_ThatMayHaveBeenStored_ItsMessageIsSettled_IsDeleted()
    {
        _rows.OnAppendFailed([Row("alice", 1), Row("bob", 2)]);

        _rows.Settle("alice", new Place(1, 1));
        _rows.Settle("alice", new Place(1, 3));

        Assert.Equal([Row("alice", 1).Key], _rows.ToDeleteFrom("alice"));
        Assert.Equal(["alice"], _rows.MailboxesToDeleteFrom);
        Assert.Equal(["bob"], _rows.MailboxesInDoubt);
        Assert.Equal(2, _rows.All.Count);
    }

    [Fact]
    public void Row_WhoseDeletionWasRefused_IsHiddenUntilItIsGone()
    {
        _rows.OnDeleteFailed([Row("alice", 1).Key, Row("alice", 2).Key]);
        _rows.OnDeleted([Row("alice", 1).Key]);

        Assert.Equal([("alice", new Place(1, 2))], _rows.All);
        Assert.Equal([Row("alice", 2).Key], _rows.ToDeleteFrom("alice"));
        Assert.Empty(_rows.ToDeleteFrom("bob"));
    }

    private static StoredMessage Row(string mailbox, int number) =>
        new(mailbox, new Place(1, number), "key", Attempted: false, StoredAt: 0, ExpiresAt: long.MaxValue, Notification("key", $"{number}"));
}
