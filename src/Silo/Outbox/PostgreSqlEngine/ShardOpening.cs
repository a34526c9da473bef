namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>Raises a shard's epoch.</summary>
internal sealed class ShardOpening(int shard, CancellationToken cancellationToken) : OutboxWork
{
    private readonly TaskCompletionSource<long> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _added;

    public Task<long> Task => _opened.Task;

    public override bool TryAddTo(CommitGroup group)
    {
        if (cancellationToken.IsCancellationRequested)
            return true;
        return _added = group.TryOpen(shard);
    }

    public override void Complete(GroupResult result)
    {
        if (_added)
            _opened.SetResult(result.Opened[shard]);
        else
            _opened.SetCanceled(cancellationToken);
    }

    public override void Fail(Exception fault) => _opened.TrySetException(fault);
}
