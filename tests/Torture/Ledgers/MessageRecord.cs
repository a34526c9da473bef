namespace NotifyOrleans.Torture.Ledgers;

/// <summary>What is known of one message. Times are ticks of <see cref="System.Diagnostics.Stopwatch"/>, 0 when it has not come to that.</summary>
public struct MessageRecord
{
    /// <summary>How often it was published: again after a publish that was not confirmed, which may have reached the broker all the same.</summary>
    public int Publishes { get; set; }

    public long ConfirmedAt { get; set; }

    public long ReceivedAt { get; set; }

    /// <summary>Whether the user had a session when it was confirmed.</summary>
    public bool WasAwaited { get; set; }
}
