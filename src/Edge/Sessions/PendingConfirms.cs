namespace NotifyOrleans.Edge.Sessions;

/// <summary>How many frames of a session wait for the broker's confirm, and how many bytes are kept for them.</summary>
internal sealed class PendingConfirms(int capacity, long maxBytes)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _none;
    private int _count;
    private long _bytes;

    private bool HasRoom => _count < capacity && _bytes < maxBytes;

    /// <summary>Counts one in, whatever its size; completes when there is room for the next.</summary>
    public Task BeginAsync(long bytes)
    {
        lock (_gate)
        {
            _count++;
            _bytes += bytes;
            if (HasRoom)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    public void End(long bytes)
    {
        lock (_gate)
        {
            _count--;
            _bytes -= bytes;
            if (HasRoom)
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
