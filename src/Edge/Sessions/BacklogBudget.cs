namespace NotifyOrleans.Edge.Sessions;

/// <summary>
/// Bytes of live topics that wait until a session's client takes more, shared among its subscriptions: who comes first has them. Safe for calls from any
/// thread.
/// </summary>
internal sealed class BacklogBudget(int total)
{
    private long _taken;

    /// <summary>Takes bytes; false, and nothing, when they are not left.</summary>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= total)
            return true;
        Return(bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
