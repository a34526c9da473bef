namespace NotifyOrleans.Grains.Events;

/// <summary>Tells other services about users.</summary>
public interface IUserEvents
{
    /// <summary>Completes when the event is safe with the broker.</summary>
    /// <exception cref="Exception">It is not, or that is not known.</exception>
    Task PublishAsync(UndeliveredEvent undelivered, CancellationToken cancellationToken);

    /// <summary>
    /// Takes an event to be told soon, behind those that were taken before. Waits for nothing, and drops the oldest where they become too many.
    /// </summary>
    void Publish(PresenceEvent presence);
}
