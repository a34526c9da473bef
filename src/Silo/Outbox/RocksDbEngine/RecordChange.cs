using NotifyOrleans.Grains.Topics.Durable;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>A change to records that are kept beside the outbox (logs, subscriptions), with a caller who waits for its answer.</summary>
internal sealed class RecordChange<T>(Func<CommitGroup, T> change) : OutboxWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _answer;

    public Task<T> Task => _done.Task;

    public override bool AddTo(CommitGroup group)
    {
        try
        {
            _answer = change(group);
            return true;
        }
        catch (StaleLogException fault)
        {
            _done.SetException(fault);
            return false;
        }
    }

    public override void Complete() => _done.SetResult(_answer!);

    public override void Fail(Exception fault) => _done.TrySetException(fault);
}
