using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Topics.Retained;

/// <summary>Retained messages on disk. Any fault is an <see cref="OutboxUnavailableException"/>; a call may be repeated.</summary>
public interface IRetainedStore
{
    /// <summary>What an exchange's keys have, in no order.</summary>
    Task<IReadOnlyList<RetainedMessage>> ReadAsync(string exchange, CancellationToken cancellationToken);

    /// <summary>Sets and clears keys; completes when that would survive a loss of power. A key that has a newer version stays as it is.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="set">Messages in place of what their keys had. A key comes once, here or there.</param>
    /// <param name="cleared">Keys, and the versions that cleared them.</param>
    Task SaveAsync(string exchange, IReadOnlyList<RetainedMessage> set, IReadOnlyList<(string RoutingKey, long Version)> cleared);
}
