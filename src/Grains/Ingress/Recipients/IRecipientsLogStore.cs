using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Topics.Durable;

namespace NotifyOrleans.Grains.Ingress.Recipients;

/// <summary>
/// Messages to many users, on disk, each once with its recipients: a log for each ingress partition, with one writer. A message is in it from before the broker
/// forgets it until it is safe with every recipient.
/// </summary>
/// <remarks>
/// Calls may come from many threads at once. Any other fault than <see cref="StaleLogException"/> is an <see cref="OutboxUnavailableException"/>: nothing of
/// the call took effect, or it did and repeating it does no harm.
/// </remarks>
public interface IRecipientsLogStore
{
    /// <summary>Takes a log: raises its epoch, durably. A log that is not there begins.</summary>
    Task<RecipientsLogState> OpenAsync(string log, CancellationToken cancellationToken);

    /// <summary>Adds messages; completes when they would survive a loss of power. One that is there already stays as it is.</summary>
    /// <exception cref="StaleLogException">The log has a newer writer; nothing was changed.</exception>
    Task AppendAsync(string log, long epoch, IReadOnlyList<LoggedDelivery> deliveries);

    /// <summary>
    /// What is in a log behind a number, by number: up to <paramref name="maxCount"/>, ending behind the one that reaches <paramref name="maxBytes"/>, as it is
    /// stored.
    /// </summary>
    Task<IReadOnlyList<LoggedDelivery>> ReadAsync(string log, long after, int maxCount, int maxBytes, CancellationToken cancellationToken);

    /// <summary>The logs that are not empty.</summary>
    Task<IReadOnlyList<string>> FindLogsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Takes messages away, by anybody: they are safe with every recipient. Survives the process, and not necessarily a loss of power: one that comes back is
    /// delivered again, flagged.
    /// </summary>
    Task DeleteAsync(string log, IReadOnlyList<long> numbers);
}
