namespace NotifyOrleans.Edge.Sessions;

/// <summary>How many frames of a session wait for the broker's confirm.</summary>
internal sealed class PendingConfirms(int capacity)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _none;
    private int _count;

    /// <summary>Counts one in; completes when there is room for the next.</summary>
    public Task BeginAsync()
    {
        lock (_gate)
        {
            if (++_count < capacity)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (--_count < capacity)
            {
                _room?.SetResult();
                _room = null;
            }
            if (_count == 0)
            {
                _none?.SetResult();
                _none = null;
            }
        }
    }

    /// <summary>Completes when nothing waits any more.</summary>
    public Task WhenNoneAsync()
    {
        lock (_gate)
        {
            if (_count == 0)
                return Task.CompletedTask;
            _none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _none.Task;
        }
    }
}
