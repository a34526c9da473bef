namespace NotifyOrleans.Grains.Interfaces.Notifications;

/// <summary>One STOMP header of a notification, not escaped.</summary>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.NotificationHeader")]
public readonly record struct NotificationHeader([property: Id(0)] string Name, [property: Id(1)] string Value);
