using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Topics.Retained;

/// <summary>What a routing key has.</summary>
/// <param name="Message">The message.</param>
/// <param name="IsStored">Whether it is on disk.</param>
internal sealed record RetainedEntry(RetainedMessage Message, bool IsStored)
{
    public string RoutingKey => Message.Notification.RoutingKey;

    public bool IsExpired(long now) => Message.Notification.ExpiresAt != 0 && Message.Notification.ExpiresAt <= now;
}
