using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>An owner's changes to its shard; refused when the shard has another owner.</summary>
internal sealed class ShardCommit(OutboxCommit commit) : OutboxWork
{
    private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _committed.Task;

    public override bool AddTo(CommitGroup group)
    {
        if (group.EpochOf(commit.Shard) is var current && current != commit.Epoch)
        {
            _committed.SetException(new StaleEpochException(commit.Shard, commit.Epoch, current));
            return false;
        }
        foreach (var row in commit.Appends)
            group.Append(commit.Shard, row);
        foreach (var key in commit.Deletes)
            group.Delete(commit.Shard, key);
        foreach (var tally in commit.Tallies)
            group.SetTally(commit.Shard, tally);
        foreach (var mailbox in commit.DurablesKept)
            group.Keep(commit.Shard, mailbox);
        foreach (var mailbox in commit.DurablesEnded)
            group.End(commit.Shard, mailbox);
        return true;
    }

    public override void Complete() => _committed.SetResult();

    public override void Fail(Exception fault) => _committed.TrySetException(fault);
}
