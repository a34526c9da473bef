using NotifyOrleans.Grains.Outbox;
using NpgsqlTypes;
using static NotifyOrleans.Silo.Database.SqlParameters;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>What a group changes in <c>outbox_durables</c>: of several changes to a durable subscription the last.</summary>
internal sealed class DurableChanges
{
    private readonly Dictionary<(int Shard, string User, string Name), DurableMailbox?> _durables = [];

    public void Keep(int shard, DurableMailbox mailbox) => _durables[(shard, mailbox.User, mailbox.Name)] = mailbox;

    public void End(int shard, DurableMailbox mailbox) => _durables[(shard, mailbox.User, mailbox.Name)] = null;

    public void AddTo(GroupStatements statements)
    {
        AddEnds(statements);
        AddKeeps(statements);
    }

    private void AddEnds(GroupStatements statements)
    {
        var ended = _durables.Where(durable => durable.Value is null).Select(durable => durable.Key).ToArray();
        if (ended.Length == 0)
            return;
        statements.AddClaimed(
            OutboxStatements.EndDurables,
            GroupStatements.Shards(ended.Select(key => key.Shard)),
            Utf8(ended.Select(key => key.User)),
            Utf8(ended.Select(key => key.Name))
        );
    }

    private void AddKeeps(GroupStatements statements)
    {
        var kept = _durables.Where(durable => durable.Value is not null).Select(durable => (durable.Key.Shard, Mailbox: durable.Value!)).ToArray();
        if (kept.Length == 0)
            return;
        statements.AddClaimed(
            OutboxStatements.KeepDurables,
            GroupStatements.Shards(kept.Select(durable => durable.Shard)),
            Utf8(kept.Select(durable => durable.Mailbox.User)),
            Utf8(kept.Select(durable => durable.Mailbox.Name)),
            Utf8(kept.Select(durable => durable.Mailbox.Exchange)),
            Utf8(kept.Select(durable => durable.Mailbox.Pattern)),
            ArrayOf(kept.Select(durable => durable.Mailbox.SeenAt), NpgsqlDbType.Bigint)
        );
    }
}
