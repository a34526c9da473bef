using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>
/// The last message of each routing key of one exchange whose publisher wanted it retained, for those who subscribe later. Keyed by the exchange.
/// </summary>
[Alias("NotifyOrleans.IRetainedGrain")]
public interface IRetainedGrain : IGrainWithStringKey
{
    /// <summary>
    /// Retains messages in place of what their keys had; one without a body clears its key. Completes when those that are persistent would survive a loss of
    /// power.
    /// </summary>
    /// <returns>For each its version.</returns>
    [Alias("Set")]
    Task<long[]> SetAsync(Notification[] messages);

    /// <summary>Reads what matches, the oldest first, page by page.</summary>
    [Alias("Read")]
    Task<RetainedPage> ReadAsync(RetainedQuery query);
}
