using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>
/// Topic messages that durable subscriptions wait for, on disk, and how far each subscription has come: a log for each ingress partition, with one writer, and
/// a vector of positions for each subscription.
/// </summary>
/// <remarks>
/// Calls may come from many threads at once. Any other fault than <see cref="StaleLogException"/> is an <see cref="OutboxUnavailableException"/>: nothing of
/// the call took effect, or it did and repeating it does no harm.
/// </remarks>
public interface ITopicLogStore
{
    /// <summary>Takes a log: raises its epoch, durably, and says where it ends. A log that is not there begins.</summary>
    Task<TopicLogState> OpenAsync(string log, CancellationToken cancellationToken);

    /// <summary>Adds messages behind the newest; completes when they would survive a loss of power. One that is there already stays as it is.</summary>
    /// <exception cref="StaleLogException">The log has a newer writer; nothing was changed.</exception>
    Task AppendAsync(string log, long epoch, IReadOnlyList<StoredTopic> messages);

    /// <summary>All logs that there are.</summary>
    Task<IReadOnlyList<TopicLogState>> ReadLogsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads messages after a number, oldest first: up to <paramref name="maxCount"/>, ending behind the one that reaches <paramref name="maxBytes"/>. Messages
    /// of calls that completed before are all seen.
    /// </summary>
    Task<IReadOnlyList<StoredTopic>> ReadAsync(string log, long after, int maxCount, int maxBytes, CancellationToken cancellationToken);

    /// <summary>Takes what is oldest away; by anybody, as both numbers only rise.</summary>
    /// <param name="log">The log.</param>
    /// <param name="cutUpTo">Of messages up to here only the key is kept, so that it can be told what is missing.</param>
    /// <param name="goneUpTo">Of messages up to here nothing is kept.</param>
    Task TrimAsync(string log, long cutUpTo, long goneUpTo);

    /// <summary>
    /// Makes subscriptions known that are not yet; raises the registry's generation for each. What is known stays, however many its user has.
    /// </summary>
    /// <param name="topics">The subscriptions.</param>
    /// <param name="maxPerUser">How many a user may have. Calls that overlap may go beyond it; the registry's do not.</param>
    /// <returns>In the order of the topics.</returns>
    Task<IReadOnlyList<DurableRegistration>> RegisterAsync(IReadOnlyList<DurableTopic> topics, int maxPerUser);

    /// <summary>
    /// Subscriptions begin behind these ends of logs; one that has begun stays as it is. Until then they can not be opened, and hold all that there is.
    /// </summary>
    Task BeginAsync(IReadOnlyList<long> subscriptions, IReadOnlyList<TopicLogState> logs, long now);

    /// <summary>Ends subscriptions; raises the generation when one was there.</summary>
    Task EndAsync(IReadOnlyList<long> subscriptions);

    /// <summary>A session takes up a subscription: says how far it has come, and remembers the session until it says that it ends.</summary>
    /// <returns>Null when there is none, or it has not begun.</returns>
    Task<DurableCursor?> TakeUpAsync(DurableTopic topic, string session, long now);

    /// <summary>Moves cursors on; none ever goes back. Survives the process, and not necessarily a loss of power.</summary>
    /// <returns>Subscriptions that are not there any more; of them nothing is kept.</returns>
    Task<IReadOnlyList<long>> SaveAsync(IReadOnlyList<DurableProgress> progress, long now);

    /// <summary>The registry's generation: rises with each change.</summary>
    Task<long> ReadGenerationAsync(CancellationToken cancellationToken);

    /// <summary>What subscriptions are to, each once, as of one generation.</summary>
    Task<DurableInterests> ReadInterestsAsync(CancellationToken cancellationToken);

    /// <summary>How far the last of all subscriptions has come.</summary>
    Task<LowestCursors> ReadLowestAsync(CancellationToken cancellationToken);

    /// <summary>Subscriptions that no session has had since a time, at most <paramref name="maxCount"/>.</summary>
    Task<IReadOnlyList<long>> FindAbandonedAsync(long before, int maxCount, CancellationToken cancellationToken);
}
