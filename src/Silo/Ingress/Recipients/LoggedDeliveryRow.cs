using System.Buffers;
using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Ingress.Recipients;

/// <summary>A logged message's value: the number of users and their ids, then the message in the form of the outbox's rows (<see cref="RowFormat"/>).</summary>
internal static class LoggedDeliveryRow
{
    public static byte[] Write(LoggedDelivery delivery)
    {
        var notification = delivery.Notification;
        var buffer = new ArrayBufferWriter<byte>(notification.Size + (delivery.Users.Length * 16));
        buffer.WriteVarint((ulong)delivery.Users.Length);
        foreach (var user in delivery.Users)
            buffer.WriteText(user);
        var row = new StoredMessage(
            "",
            new Place(0, delivery.Number),
            notification.RoutingKey,
            Attempted: false,
            StoredAt: 0,
            notification.ExpiresAt,
            notification
        );
        buffer.Write(RowFormat.Write(new ArrayBufferWriter<byte>(notification.Size), row));
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="OutboxUnavailableException">It is of another version, or damaged.</exception>
    public static LoggedDelivery Read(long number, ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new RowReader(value);
            var users = new string[reader.ReadCount()];
            for (var i = 0; i < users.Length; i++)
                users[i] = reader.ReadText();
            return new LoggedDelivery(number, RowFormat.Read("", new Place(0, number), reader.Rest).Notification, users);
        }
        catch (InvalidDataException fault)
        {
            throw new OutboxUnavailableException($"A logged message to many users is damaged: {fault.Message}", fault);
        }
    }
}
