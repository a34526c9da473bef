using System.Text;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Silos;

/// <summary>Messages as silos push them.</summary>
internal static class Messages
{
    public static Notification Notification(
        string key,
        string body,
        bool persistent = false,
        string exchange = "notifications",
        params (string Name, string Value)[] headers
    ) => Notification(key, Encoding.UTF8.GetBytes(body), persistent, exchange, headers);

    public static Notification Notification(
        string key,
        byte[] body,
        bool persistent = false,
        string exchange = "notifications",
        params (string Name, string Value)[] headers
    ) =>
        new()
        {
            Exchange = exchange,
            RoutingKey = key,
            Headers = [.. headers.Select(header => new NotificationHeader(header.Name, header.Value))],
            Body = body,
            Persistent = persistent,
        };
}
