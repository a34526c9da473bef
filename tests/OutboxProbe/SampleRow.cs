using System.Text;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.OutboxProbe;

/// <summary>Rows as a service's notifications make them: 300 bytes of JSON, a message id, a few headers.</summary>
public static class SampleRow
{
    private const int BodyBytes = 300;

    public static StoredMessage Create(string user, Place place, string? messageId = null, long expiresAt = 1_800_000_000_000) =>
        new(
            user,
            place,
            $"user.{user}",
            Attempted: false,
            StoredAt: 1_799_000_000_000,
            expiresAt,
            new Notification
            {
                Exchange = "notifications",
                RoutingKey = $"user.{user}",
                Headers =
                [
                    new("content-type", "application/json"),
                    new("persistent", "1"),
                    new("amqp-message-id", messageId ?? $"{place}"),
                    new("timestamp", "1799000000"),
                ],
                Body = Body(place),
                Persistent = true,
                MessageId = messageId,
            }
        );

    private static byte[] Body(Place place)
    {
        var random = new Random((int)place.Number);
        var body = new StringBuilder($"{{\"kind\":\"print.done\",\"number\":{place.Number},\"text\":\"");
        while (body.Length < BodyBytes - 2)
            body.Append((char)('a' + random.Next(26)));
        return Encoding.UTF8.GetBytes(body.Append("\"}").ToString());
    }
}
