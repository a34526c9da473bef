namespace NotifyOrleans.Grains.Users;

/// <summary>A message in a subscription's window.</summary>
/// <param name="Message">The message.</param>
/// <param name="Told">How many messages that the outbox has dropped were told with it.</param>
/// <param name="Missed">How many that the subscription alone has missed were told with it.</param>
internal readonly record struct OfferedMessage(HeldMessage Message, long Told, long Missed);
