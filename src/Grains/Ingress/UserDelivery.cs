using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>A delivery to users that waits for its turn.</summary>
/// <param name="Tag">The AMQP delivery tag, or a number of its own when it is from the log.</param>
/// <param name="Redelivered">It may have been delivered before.</param>
/// <param name="Notification">The message.</param>
/// <param name="Recipients">Whom it is for.</param>
/// <param name="Logged">Where it is written down; null when it comes from the broker.</param>
internal sealed record UserDelivery(ulong Tag, bool Redelivered, Notification Notification, IReadOnlyCollection<Recipient> Recipients, LogPlace? Logged = null)
{
    /// <summary>
    /// With so many it is written down by itself, once: one who is slow to have it then holds up nobody. With fewer it costs less to wait for them.
    /// </summary>
    private const int MinRecipientsToLog = 17;

    /// <summary>A number that no delivery tag is.</summary>
    public const ulong LoggedTag = 1UL << 63;

    public bool IsToBeLogged => Logged is null && Recipients.Count >= MinRecipientsToLog && Notification.Persistent;
}
