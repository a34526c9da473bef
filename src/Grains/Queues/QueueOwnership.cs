namespace NotifyOrleans.Grains.Queues;

/// <summary>
/// A queue that is one session's alone, until the last of its subscriptions ends, or that the session wants to have alone: it is the session's when the broker
/// has declared it so. For the broker it is the connection's that has declared it.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="connection">The connection, by which everything that is done with the queue has to go.</param>
internal sealed class QueueOwnership(string session, QueueConnection connection)
{
    private readonly TaskCompletionSource _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isAskedFor;
    private volatile bool _isGranted;
    private int _holders;

    public string Session => session;

    public QueueConnection Connection => connection;

    /// <summary>
    /// Whether the broker was asked to declare it. Only then is there a queue that is this one's to delete, if there is any: when the broker refuses it closes
    /// the channel that has asked, and heeds nothing more that comes by it.
    /// </summary>
    public bool IsAskedFor => _isAskedFor;

    /// <summary>Whether the broker has declared it.</summary>
    public bool IsGranted => _isGranted;

    /// <summary>Completes when it is known whether the broker declares it.</summary>
    public Task Decided => _decided.Task;

    public void Ask() => _isAskedFor = true;

    public void Grant()
    {
        _isGranted = true;
        _decided.TrySetResult();
    }

    public void Deny() => _decided.TrySetResult();

    public void Take() => Interlocked.Increment(ref _holders);

    /// <returns>Whether that was the last one.</returns>
    public bool Release() => Interlocked.Decrement(ref _holders) == 0;
}
