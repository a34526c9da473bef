using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Topics;

/// <summary>A retained message in the form of the outbox's rows (<see cref="RowFormat"/>): it is nobody's, and its place is its version.</summary>
internal static class RetainedRow
{
    public static StoredMessage Of(RetainedMessage message) =>
        new(
            "",
            new Place(0, message.Version),
            message.Notification.RoutingKey,
            Attempted: false,
            StoredAt: 0,
            message.Notification.ExpiresAt,
            message.Notification
        );

    /// <exception cref="OutboxUnavailableException">It is of another version, or damaged.</exception>
    public static RetainedMessage Read(long version, ReadOnlySpan<byte> row) => new(version, RowFormat.Read("", new Place(0, version), row).Notification);
}
