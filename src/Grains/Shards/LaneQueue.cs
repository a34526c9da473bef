namespace NotifyOrleans.Grains.Shards;

/// <summary>What a lane has still to do, in its order. It runs where the lane does.</summary>
internal sealed class LaneQueue
{
    // One call: enough to make the call cheap, little enough that a subscription does not wait long behind it.
    private const int MaxMessages = 256;

    // And one commit. It ends behind the message that reaches it.
    private const int MaxBytes = 512 * 1024;

    private readonly LinkedList<LaneStep> _steps = new();

    public bool IsEmpty => _steps.Count == 0;

    /// <summary>What is to be done next, or is being done; null when there is nothing.</summary>
    public LaneStep? First => _steps.First?.Value;

    public bool Any(Func<LaneStep, bool> match) => _steps.Any(match);

    /// <summary>Deliveries that match, wherever they stand.</summary>
    public IReadOnlyList<LaneStep.Deliver> Deliveries(Func<MailboxMessage, bool> match) =>
        [.. _steps.OfType<LaneStep.Deliver>().Where(delivery => match(delivery.Message))];

    /// <summary>The deliveries at its head: as many as go into one call or commit.</summary>
    public LaneStep.Deliver[] NextDeliveries()
    {
        List<LaneStep.Deliver> deliveries = [];
        var bytes = 0;
        for (var node = _steps.First; node?.Value is LaneStep.Deliver step && deliveries.Count < MaxMessages && bytes < MaxBytes; node = node.Next)
        {
            deliveries.Add(step);
            bytes += step.Message.Notification.Size;
        }
        return [.. deliveries];
    }

    public void Add(LaneStep step) => _steps.AddLast(step);

    /// <summary>While the outbox takes nothing, whoever comes is served from memory: the first step that is no delivery goes before them.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryLetAnotherPass()
    {
        if (_steps.FirstOrDefault(step => step is not (LaneStep.Deliver or LaneStep.Store or LaneStep.EndKept)) is not { } other)
            return false;
        _steps.Remove(other);
        _steps.AddFirst(other);
        return true;
    }

    /// <summary>A step is done. It may have been taken away meanwhile, with all others.</summary>
    public void Finish(LaneStep step)
    {
        _steps.Remove(step);
        step.Complete();
    }

    /// <summary>A step cannot be done: somebody waits for it and is told; a delivery stays.</summary>
    public void Drop(LaneStep step, Exception exception)
    {
        if (step is LaneStep.Deliver)
            return;
        _steps.Remove(step);
        step.Fail(exception);
    }

    /// <summary>Takes all away, done or not.</summary>
    public IReadOnlyList<LaneStep> TakeAll()
    {
        LaneStep[] all = [.. _steps];
        _steps.Clear();
        return all;
    }
}
