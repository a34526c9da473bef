namespace NotifyOrleans.Grains.Ingress.Recipients;

/// <param name="Log">A log of messages to many users.</param>
/// <param name="Number">The message's number in it.</param>
public readonly record struct LogPlace(string Log, long Number);
