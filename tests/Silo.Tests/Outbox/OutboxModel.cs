using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>What a store ought to hold, as simply as it can be said.</summary>
internal sealed class OutboxModel
{
    private readonly Dictionary<int, long> _epochs = [];
    private readonly SortedDictionary<(int Shard, string User, Place Place), StoredMessage> _rows = [];
    private readonly Dictionary<(int Shard, string User), MailboxTally> _tallies = [];

    public long OpenShard(int shard) => _epochs[shard] = _epochs.GetValueOrDefault(shard) + 1;

    /// <summary>False when the epoch is not the shard's.</summary>
    public bool Commit(OutboxCommit commit)
    {
        if (_epochs.GetValueOrDefault(commit.Shard) != commit.Epoch)
            return false;
        foreach (var row in commit.Appends)
            _rows[(commit.Shard, row.User, row.Place)] = row;
        foreach (var key in commit.Deletes)
            _rows.Remove((commit.Shard, key.User, key.Place));
        foreach (var (user, tally) in commit.Tallies)
            _tallies[(commit.Shard, user)] = tally;
        return true;
    }

    public StoredMessage[] Read(int shard, string user, Place after) =>
        [.. _rows.Where(row => row.Key.Shard == shard && row.Key.User == user && row.Key.Place > after).Select(row => row.Value)];

    public MailboxTally Tally(int shard, string user) => _tallies.GetValueOrDefault((shard, user));

    public Place? Find(int shard, string user, string messageId) =>
        Read(shard, user, Place.Start).FirstOrDefault(row => row.Notification.MessageId == messageId)?.Place;

    public ExpiredUser[] Expired(long now) =>
        [.. _rows.Where(row => row.Value.ExpiresAt <= now).Select(row => new ExpiredUser(row.Key.Shard, row.Key.User)).Distinct()];

    public DueUser[] Due(long now) =>
        [.. _tallies.Where(tally => tally.Value.NoticeAt > 0 && tally.Value.NoticeAt <= now).Select(tally => new DueUser(tally.Key.Shard, tally.Key.User))];

    /// <summary>The row as it is stored; null when there is none.</summary>
    public StoredMessage? Row(int shard, string user, Place place) => _rows.GetValueOrDefault((shard, user, place));
}
