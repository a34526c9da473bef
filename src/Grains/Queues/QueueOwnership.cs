namespace NotifyOrleans.Grains.Queues;

/// <summary>A queue that is one session's alone, until the last of its subscriptions ends. For the broker it is the connection's that has declared it.</summary>
/// <param name="session">The session.</param>
/// <param name="connection">The connection, by which everything that is done with the queue has to go.</param>
internal sealed class QueueOwnership(string session, QueueConnection connection)
{
    private int _holders;

    public string Session => session;

    public QueueConnection Connection => connection;

    public void Take() => Interlocked.Increment(ref _holders);

    /// <returns>Whether that was the last one.</returns>
    public bool Release() => Interlocked.Decrement(ref _holders) == 0;
}
