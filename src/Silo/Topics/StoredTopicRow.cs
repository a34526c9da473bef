using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Topics;

/// <summary>A log's message in the form of the outbox's rows (<see cref="RowFormat"/>): it is nobody's, and its place is its number.</summary>
internal static class StoredTopicRow
{
    public static StoredMessage Of(StoredTopic message) =>
        new("", new Place(0, message.Number), message.Notification.RoutingKey, message.Attempted, message.StoredAt, ExpiresAt: 0, message.Notification);

    /// <exception cref="OutboxUnavailableException">It is of another version, or damaged.</exception>
    public static StoredTopic Read(long number, long total, bool isCut, ReadOnlySpan<byte> row)
    {
        var read = RowFormat.Read("", new Place(0, number), row);
        return new StoredTopic(number, total, read.Attempted, read.StoredAt, isCut, read.Notification);
    }
}
