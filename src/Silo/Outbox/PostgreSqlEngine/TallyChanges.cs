using NotifyOrleans.Grains.Outbox;
using NpgsqlTypes;
using static NotifyOrleans.Silo.Database.SqlParameters;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>What a group changes in <c>outbox_tallies</c>: of several tallies of a user the last.</summary>
internal sealed class TallyChanges
{
    private readonly Dictionary<(int Shard, string User), MailboxTally> _tallies = [];

    public void Set(int shard, in UserTally tally) => _tallies[(shard, tally.User)] = tally.Tally;

    public void AddTo(GroupStatements statements)
    {
        AddDeletes(statements);
        AddSets(statements);
    }

    private void AddDeletes(GroupStatements statements)
    {
        var gone = _tallies.Where(tally => tally.Value == default).Select(tally => tally.Key).ToArray();
        if (gone.Length == 0)
            return;
        statements.AddClaimed(
            OutboxStatements.DeleteTallies,
            GroupStatements.Shards(gone.Select(key => key.Shard)),
            ArrayOf(gone.Select(key => UserKey.Of(key.User)), NpgsqlDbType.Bytea)
        );
    }

    private void AddSets(GroupStatements statements)
    {
        var kept = _tallies.Where(tally => tally.Value != default).ToArray();
        if (kept.Length == 0)
            return;
        var users = kept.Select(tally => UserKey.Of(tally.Key.User)).ToArray();
        statements.AddClaimed(
            OutboxStatements.SetTallies,
            GroupStatements.Shards(kept.Select(tally => tally.Key.Shard)),
            ArrayOf(users, NpgsqlDbType.Bytea),
            ArrayOf(kept.Select(tally => tally.Value.Messages), NpgsqlDbType.Bigint),
            ArrayOf(kept.Select(tally => tally.Value.Bytes), NpgsqlDbType.Bigint),
            ArrayOf(kept.Select(tally => tally.Value.Dropped), NpgsqlDbType.Bigint),
            ArrayOf(kept.Select(tally => tally.Value.NoticeAt), NpgsqlDbType.Bigint),
            ArrayOf(kept.Select((tally, i) => UserKey.LongName(tally.Key.User, users[i])), NpgsqlDbType.Bytea)
        );
    }
}
