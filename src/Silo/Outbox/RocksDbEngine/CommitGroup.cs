using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox.Rows;
using RocksDbSharp;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>Changes of several callers that are written together.</summary>
internal sealed class CommitGroup(OutboxDatabase database, KnownEpochs known) : IDisposable
{
    private readonly WriteBatch _batch = new();
    private readonly ArrayBufferWriter<byte> _key = new();
    private readonly ArrayBufferWriter<byte> _value = new();
    private readonly Dictionary<int, long> _raised = [];
    private readonly Dictionary<string, byte[]?> _records = [];
    private readonly Dictionary<string, byte[]?> _recordsOfWork = [];

    /// <summary>Bytes of keys and values so far.</summary>
    public long Bytes { get; private set; }

    public int Appended { get; private set; }

    public int Deleted { get; private set; }

    /// <summary>Deletions need not survive a loss of power: a row that comes back is delivered again, flagged. All else must.</summary>
    public bool NeedsSync { get; private set; }

    /// <summary>Adds all that the work has, or nothing; false when it is done with already.</summary>
    public bool TryAdd(OutboxWork work)
    {
        _batch.SetSavePoint();
        _recordsOfWork.Clear();
        try
        {
            if (work.AddTo(this))
            {
                foreach (var (name, value) in _recordsOfWork)
                    _records[name] = value;
                return true;
            }
        }
        catch (Exception fault)
        {
            work.Fail(fault);
        }
        _batch.RollbackToSavePoint();
        return false;
    }

    /// <summary>The shard's epoch as of the changes that are in the group already; 0 for one that was never opened.</summary>
    public long EpochOf(int shard)
    {
        if (_raised.TryGetValue(shard, out var epoch) || known.TryGet(shard, out epoch))
            return epoch;
        epoch = database.Read(db => db.Get(OutboxKeys.Epoch(_key, shard))) is { } stored ? BinaryPrimitives.ReadInt64BigEndian(stored) : 0;
        known.Set(shard, epoch);
        return epoch;
    }

    public long RaiseEpoch(int shard)
    {
        var epoch = EpochOf(shard) + 1;
        _raised[shard] = epoch;
        _value.ResetWrittenCount();
        _value.WriteUInt64((ulong)epoch);
        Put(OutboxKeys.Epoch(_key, shard), _value.WrittenSpan);
        NeedsSync = true;
        return epoch;
    }

    public void Append(int shard, StoredMessage row)
    {
        Put(OutboxKeys.Row(_key, shard, row.User, row.Place), RowFormat.Write(_value, row));
        if (row.Notification.MessageId is { } messageId)
            Put(OutboxKeys.MessageId(_key, shard, row.User, messageId, row.Place), []);
        Put(OutboxKeys.Expiry(_key, shard, new ExpiryEntry(row.ExpiresAt, row.User, row.Place)), []);
        Appended++;
        NeedsSync = true;
    }

    public void Delete(int shard, in StoredKey key)
    {
        Delete(OutboxKeys.Row(_key, shard, key.User, key.Place));
        if (key.MessageId is { } messageId)
            Delete(OutboxKeys.MessageId(_key, shard, key.User, messageId, key.Place));
        Delete(OutboxKeys.Expiry(_key, shard, new ExpiryEntry(key.ExpiresAt, key.User, key.Place)));
        Deleted++;
    }

    public void DeleteExpiry(int shard, in ExpiryEntry entry) => Delete(OutboxKeys.Expiry(_key, shard, entry));

    public void DeleteNotice(int shard, in NoticeEntry entry) => Delete(OutboxKeys.Notice(_key, shard, entry));

    /// <summary>
    /// The entry of the former tally in the notice index stays behind, so that nothing has to be read for it; whoever finds it takes it away.
    /// </summary>
    public void SetTally(int shard, in UserTally tally)
    {
        var key = OutboxKeys.Tally(_key, shard, tally.User);
        if (tally.Tally == default)
            Delete(key);
        else
            Put(key, RowFormat.Write(_value, tally.Tally));
        if (tally.Tally.NoticeAt > 0)
            Put(OutboxKeys.Notice(_key, shard, new NoticeEntry(tally.Tally.NoticeAt, tally.User)), []);
    }

    public void Keep(int shard, DurableMailbox mailbox)
    {
        Put(OutboxKeys.Durable(_key, shard, mailbox.User, mailbox.Name), RowFormat.Write(_value, mailbox));
        NeedsSync = true;
    }

    public void End(int shard, DurableMailbox mailbox)
    {
        Delete(OutboxKeys.Durable(_key, shard, mailbox.User, mailbox.Name));
        NeedsSync = true;
    }

    /// <summary>
    /// A record's value as of the changes that are in the group already, those of the work that is being added among them; null when it is not there.
    /// </summary>
    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        var name = NameOf(key);
        if (_recordsOfWork.TryGetValue(name, out var value) || _records.TryGetValue(name, out value))
            return value;
        var copy = key.ToArray();
        return database.Read(db => db.Get(copy));
    }

    /// <summary>Replaces a record, or with null takes it away. Whoever changes several reads first what it has to read: a fault then changes nothing.</summary>
    public void Set(ReadOnlySpan<byte> key, byte[]? value, bool sync)
    {
        _recordsOfWork[NameOf(key)] = value;
        if (value is null)
            Delete(key);
        else
            Put(key, value);
        NeedsSync |= sync;
    }

    /// <exception cref="OutboxUnavailableException">Nothing was written, or it was and repeating it does no harm.</exception>
    public void Write()
    {
        if (Bytes == 0)
            return;
        try
        {
            database.Write(_batch, NeedsSync);
        }
        catch
        {
            known.Forget();
            throw;
        }
        foreach (var (shard, epoch) in _raised)
            known.Set(shard, epoch);
    }

    public void Dispose() => _batch.Dispose();

    private static string NameOf(ReadOnlySpan<byte> key) => Encoding.Latin1.GetString(key);

    private void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _batch.Put(key, value);
        Bytes += key.Length + value.Length;
    }

    private void Delete(ReadOnlySpan<byte> key)
    {
        _batch.Delete(key);
        Bytes += key.Length;
    }
}
