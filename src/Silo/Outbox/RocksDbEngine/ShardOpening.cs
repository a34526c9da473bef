namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>Raises a shard's epoch.</summary>
internal sealed class ShardOpening(int shard, CancellationToken cancellationToken) : OutboxWork
{
    private readonly TaskCompletionSource<long> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _epoch;

    public Task<long> Task => _opened.Task;

    public override bool AddTo(CommitGroup group)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _opened.SetCanceled(cancellationToken);
            return false;
        }
        _epoch = group.RaiseEpoch(shard);
        return true;
    }

    public override void Complete() => _opened.SetResult(_epoch);

    public override void Fail(Exception fault) => _opened.TrySetException(fault);
}
