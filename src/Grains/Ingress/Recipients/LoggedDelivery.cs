using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Ingress.Recipients;

/// <summary>A message to many users that was acknowledged when it was written down, and is not safe yet with all of them.</summary>
/// <param name="Number">Its number in the log, rising.</param>
/// <param name="Notification">The message, once.</param>
/// <param name="Users">Whom it is for.</param>
public sealed record LoggedDelivery(long Number, Notification Notification, string[] Users);
