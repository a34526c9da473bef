namespace NotifyOrleans.Grains.Topics.Durable;

/// <param name="Number">The subscription's number, never used again.</param>
/// <param name="HasBegun">Whether it has its place in the logs.</param>
public readonly record struct DurableRegistration(long Number, bool HasBegun);
