using System.Buffers;
using NotifyOrleans.Silo.Outbox.Rows;
using RocksDbSharp;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>Takes entries out of the notice index whose user's tally has another time by now.</summary>
internal sealed class NoticeRepair(OutboxDatabase database, IReadOnlyList<(int Shard, NoticeEntry Entry)> suspects) : OutboxWork
{
    public static bool IsDangling(RocksDb db, ArrayBufferWriter<byte> buffer, int shard, in NoticeEntry entry) =>
        db.Get(OutboxKeys.Tally(buffer, shard, entry.User)) is not { } tally || RowFormat.ReadTally(tally).NoticeAt != entry.At;

    public override bool AddTo(CommitGroup group)
    {
        // Tallies that are in the group, but not in the database yet, would be missed. The next sweep finds the entries again.
        if (group.Bytes > 0)
            return false;
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var (shard, entry) in suspects)
        {
            if (database.Read(db => IsDangling(db, buffer, shard, entry)))
                group.DeleteNotice(shard, entry);
        }
        return true;
    }

    public override void Complete() { }

    public override void Fail(Exception fault) { }
}
