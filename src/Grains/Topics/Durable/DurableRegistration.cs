namespace NotifyOrleans.Grains.Topics.Durable;

/// <param name="Number">The subscription's number, never used again; 0 when its user has no room for it.</param>
/// <param name="HasBegun">Whether it has its place in the logs.</param>
public readonly record struct DurableRegistration(long Number, bool HasBegun)
{
    public bool IsRefused => Number == 0;
}
