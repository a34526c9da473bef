namespace NotifyOrleans.Grains.Shards;

/// <summary>A message that is neither delivered nor stored yet, with the deliveries that wait for that.</summary>
internal sealed class UnsafeMessage(string mailbox, MailboxMessage message, DeliveryRef delivery, TimeSpan acceptedAt)
{
    /// <summary>The key of the mailbox that it is for.</summary>
    public string Mailbox { get; } = mailbox;

    public MailboxMessage Message { get; } = message;

    /// <summary>A commit with it is under way.</summary>
    public bool IsBeingStored { get; set; }

    /// <summary>When it came (<see cref="TimeProviderExtensions.Uptime"/>).</summary>
    public TimeSpan AcceptedAt { get; } = acceptedAt;

    /// <summary>The delivery that brought it, and repeats that came before it was safe: they share its fate.</summary>
    public List<DeliveryRef> Deliveries { get; } = [delivery];
}
