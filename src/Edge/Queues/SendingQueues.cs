namespace NotifyOrleans.Edge.Queues;

/// <summary>What a session's SENDs have made: queues that were declared, and queues that replies come to. As in the reference each is made once. For the session's reader alone.</summary>
internal sealed class SendingQueues
{
    /// <summary>Beyond that they are forgotten, and declared again: declaring what is there changes nothing.</summary>
    private const int MaxDeclared = 1000;

    private HashSet<string>? _declared;
    private Dictionary<string, string>? _replies;

    public bool IsDeclared(string queue) => _declared?.Contains(queue) == true;

    public void SetDeclared(string queue)
    {
        if (_declared?.Count >= MaxDeclared)
            _declared.Clear();
        (_declared ??= []).Add(queue);
    }

    /// <summary>The queue of <c>reply-to:/temp-queue/NAME</c>; null when there is none yet.</summary>
    public string? FindReply(string name) => _replies?.GetValueOrDefault(name);

    public void AddReply(string name, string queue) => (_replies ??= []).Add(name, queue);
}
