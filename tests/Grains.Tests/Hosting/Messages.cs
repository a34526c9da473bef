using System.Text;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>Messages and deliveries for tests.</summary>
internal static class Messages
{
    public static Notification Notification(
        string key,
        string body,
        bool persistent = true,
        string? messageId = null,
        DateTimeOffset? expiresAt = null,
        bool retain = false
    ) =>
        new()
        {
            Exchange = "notifications",
            RoutingKey = key,
            Body = Encoding.UTF8.GetBytes(body),
            Persistent = persistent,
            MessageId = messageId,
            ExpiresAt = expiresAt?.ToUnixTimeMilliseconds() ?? 0,
            Retain = retain,
        };

    /// <summary>A delivery for a user, with the tag as its body.</summary>
    public static Offer Offer(
        ulong tag,
        string user,
        bool persistent = true,
        string? messageId = null,
        DateTimeOffset? expiresAt = null,
        string? key = null,
        bool redelivered = false
    ) => new(tag, user, key ?? $"user.{user}", redelivered, Notification(key ?? $"user.{user}", tag.ToString(), persistent, messageId, expiresAt));

    public static string Text(this Notification notification) => Encoding.UTF8.GetString(notification.Body);
}
