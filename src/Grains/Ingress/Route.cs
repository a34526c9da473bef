using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>Where a delivery goes: to users, to a topic, or to the dead letters.</summary>
public abstract record Route
{
    private Route() { }

    /// <param name="Notification">The message.</param>
    /// <param name="Recipients">Each once; at least one.</param>
    public sealed record ToUsers(Notification Notification, IReadOnlyCollection<Recipient> Recipients) : Route;

    /// <param name="Notification">The message; its routing key is the topic.</param>
    public sealed record ToTopic(Notification Notification) : Route;

    /// <param name="Reason">One of <see cref="DeadLetterReasons"/>.</param>
    public sealed record ToDeadLetters(string Reason) : Route;
}
