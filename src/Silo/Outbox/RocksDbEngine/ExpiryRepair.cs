using System.Buffers;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>
/// Takes entries out of the expiry index whose row is gone or has another time. They stay behind when a row was written again with a new time,
/// by an owner who did not know that the first attempt had been successful.
/// </summary>
internal sealed class ExpiryRepair(OutboxDatabase database, IReadOnlyList<(int Shard, ExpiryEntry Entry)> suspects) : OutboxWork
{
    public override bool AddTo(CommitGroup group)
    {
        // Rows that are in the group, but not in the database yet, would be missed. The next sweep finds the entries again.
        if (group.Bytes > 0)
            return false;
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var (shard, entry) in suspects)
        {
            var row = database.Read(db => db.Get(OutboxKeys.Row(buffer, shard, entry.User, entry.Place)));
            if (row is null || (RowFormat.ReadExpiresAt(row) is { } expiresAt && expiresAt != entry.ExpiresAt))
                group.DeleteExpiry(shard, entry);
        }
        return true;
    }

    public override void Complete() { }

    public override void Fail(Exception fault) { }
}
