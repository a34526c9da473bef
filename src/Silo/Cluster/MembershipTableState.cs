namespace NotifyOrleans.Silo.Cluster;

/// <summary>Whether the membership table can be reached, as seen by the last call to it.</summary>
internal sealed class MembershipTableState
{
    private volatile string? _fault;

    /// <summary>Why it cannot be reached; null while it can.</summary>
    public string? Fault => _fault;

    /// <summary>Notes that it answered; returns whether it had not before.</summary>
    public bool Answered() => Interlocked.Exchange(ref _fault, null) is not null;

    /// <summary>Notes that it did not answer; returns whether it had before.</summary>
    public bool Failed(Exception exception) => Interlocked.Exchange(ref _fault, exception.Message) is null;
}
