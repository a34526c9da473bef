using NotifyOrleans.Grains.Outbox;
using Npgsql;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>
/// Changes of several callers that are written together, as one transaction. Of several changes to one row the last is kept: nobody can see the group half
/// done. Commits of a shard come before its opening.
/// </summary>
/// <param name="number">Rises with each group of the store.</param>
internal sealed class CommitGroup(long number)
{
    private readonly Dictionary<int, long> _epochs = [];
    private readonly HashSet<int> _openings = [];
    private readonly RowChanges _rows = new();
    private readonly TallyChanges _tallies = new();
    private readonly DurableChanges _durables = new();

    /// <summary>Bytes of messages so far.</summary>
    public long Bytes => _rows.Bytes;

    public int Appended => _rows.Appended;

    public int Deleted => _rows.Deleted;

    /// <summary>Whether there is nothing to write.</summary>
    public bool IsEmpty => _epochs.Count == 0 && _openings.Count == 0;

    public IReadOnlyDictionary<int, long> Epochs => _epochs;

    /// <summary>False when the group has another epoch for the shard, or takes it.</summary>
    public bool TryClaim(int shard, long epoch)
    {
        if (_openings.Contains(shard) || _epochs.GetValueOrDefault(shard, epoch) != epoch)
            return false;
        _epochs[shard] = epoch;
        return true;
    }

    /// <summary>False when the group takes the shard already: each opening has an epoch of its own.</summary>
    public bool TryOpen(int shard) => _openings.Add(shard);

    public void Append(int shard, StoredMessage row) => _rows.Append(shard, row);

    public void Delete(int shard, in StoredKey key) => _rows.Delete(shard, key);

    public void SetTally(int shard, in UserTally tally) => _tallies.Set(shard, tally);

    public void Keep(int shard, DurableMailbox mailbox) => _durables.Keep(shard, mailbox);

    public void End(int shard, DurableMailbox mailbox) => _durables.End(shard, mailbox);

    /// <summary>The transaction; <see cref="ReadResultAsync"/> reads what it returns.</summary>
    public NpgsqlBatch ToBatch(NpgsqlConnection connection)
    {
        var batch = new NpgsqlBatch(connection);
        var statements = new GroupStatements(batch, _epochs, number);
        statements.Add(OutboxStatements.Lock, GroupStatements.Shards(_epochs.Keys.Union(_openings)));
        if (_epochs.Count > 0)
        {
            statements.AddClaimed(OutboxStatements.Claim);
            _rows.AddTo(statements);
            _tallies.AddTo(statements);
            _durables.AddTo(statements);
        }
        if (_openings.Count > 0)
            statements.Add(OutboxStatements.Open, GroupStatements.Shards(_openings));
        return batch;
    }

    public async Task<GroupResult> ReadResultAsync(NpgsqlDataReader reader)
    {
        // Statements that return no rows have no result here. The first result is that of the lock.
        var claimed = new HashSet<int>();
        if (_epochs.Count > 0 && await reader.NextResultAsync())
        {
            while (await reader.ReadAsync())
                claimed.Add(reader.GetInt16(0));
        }
        var opened = new Dictionary<int, long>();
        if (_openings.Count > 0 && await reader.NextResultAsync())
        {
            while (await reader.ReadAsync())
                opened.Add(reader.GetInt16(0), reader.GetInt64(1));
        }
        // Faults of the statements behind show here.
        while (await reader.NextResultAsync()) { }
        return GroupResult.Empty with { Claimed = claimed, Opened = opened };
    }
}
