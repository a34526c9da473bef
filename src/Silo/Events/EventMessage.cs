using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Interfaces.Routing;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Events;

/// <summary>An event as the broker gets it: nothing of the user's messages is in it. See docs/protocol/events.md.</summary>
internal sealed record EventMessage(string Exchange, string Key, BasicProperties Properties, byte[] Body)
{
    public static EventMessage Of(UndeliveredEvent undelivered, string exchange) =>
        new(
            exchange,
            KeyOf(undelivered.User, ""),
            Describe("undelivered", $"{HashOf(undelivered.User)}-{undelivered.DueAt}", DateTimeOffset.FromUnixTimeMilliseconds(undelivered.DueAt)),
            Encode(new UndeliveredBody(undelivered.User, undelivered.Messages, undelivered.Bytes, undelivered.Dropped, undelivered.Oldest.UtcDateTime))
        );

    public static EventMessage Of(PresenceEvent presence, string exchange)
    {
        var state = presence.IsOnline ? "online" : "offline";
        return new EventMessage(
            exchange,
            KeyOf(presence.User, $".{state}"),
            Describe("presence", $"{HashOf(presence.User)}-{presence.At.ToUnixTimeMilliseconds()}-{state}", presence.At),
            Encode(new PresenceBody(presence.User, state, presence.At.UtcDateTime))
        );
    }

    /// <summary>A user whose id does not fit into a key is named by the body alone.</summary>
    private static string KeyOf(string user, string rest)
    {
        var key = $"user.{UserWord.Of(user)}{rest}";
        return ShortString.IsTooLong(key) ? $"user{rest}" : key;
    }

    private static BasicProperties Describe(string type, string messageId, DateTimeOffset time) =>
        new()
        {
            Type = type,
            MessageId = messageId,
            Timestamp = new AmqpTimestamp(time.ToUnixTimeSeconds()),
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
        };

    private static string HashOf(string user) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(user)));

    private static byte[] Encode<T>(T body) => JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web);
}
