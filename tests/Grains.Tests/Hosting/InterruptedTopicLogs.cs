using System.Collections.Concurrent;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Topics.Durable;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>The product's topic logs, one of which cannot be read, or none be written, as when the database takes too long; and how much was read at once.</summary>
internal sealed class InterruptedTopicLogs(ITopicLogStore store) : ITopicLogStore
{
    /// <summary>The log that cannot be read.</summary>
    public string? Unreadable { get; set; }

    /// <summary>Whether nothing can be appended.</summary>
    public bool RefusesAppends { get; set; }

    /// <summary>How often that was tried.</summary>
    public int Refused { get; private set; }

    /// <summary>Bytes of messages of each page that was read.</summary>
    public ConcurrentQueue<long> PageSizes { get; } = new();

    public async Task<IReadOnlyList<StoredTopic>> ReadAsync(string log, long after, int maxCount, int maxBytes, CancellationToken cancellationToken)
    {
        if (log == Unreadable)
            throw new OutboxUnavailableException("as the test wants it");
        var page = await store.ReadAsync(log, after, maxCount, maxBytes, cancellationToken);
        PageSizes.Enqueue(page.Sum(message => (long)message.Notification.Size));
        return page;
    }

    public Task<TopicLogState> OpenAsync(string log, CancellationToken cancellationToken) => store.OpenAsync(log, cancellationToken);

    public Task AppendAsync(string log, long epoch, IReadOnlyList<StoredTopic> messages)
    {
        if (!RefusesAppends)
            return store.AppendAsync(log, epoch, messages);
        Refused++;
        throw new OutboxUnavailableException("as the test wants it");
    }

    public Task<IReadOnlyList<TopicLogState>> ReadLogsAsync(CancellationToken cancellationToken) => store.ReadLogsAsync(cancellationToken);

    public Task TrimAsync(string log, long cutUpTo, long goneUpTo) => store.TrimAsync(log, cutUpTo, goneUpTo);

    public Task<IReadOnlyList<DurableRegistration>> RegisterAsync(IReadOnlyList<DurableTopic> topics, int maxPerUser) =>
        store.RegisterAsync(topics, maxPerUser);

    public Task BeginAsync(IReadOnlyList<long> subscriptions, IReadOnlyList<TopicLogState> logs, long now) => store.BeginAsync(subscriptions, logs, now);

    public Task EndAsync(IReadOnlyList<long> subscriptions) => store.EndAsync(subscriptions);

    public Task<DurableCursor?> TakeUpAsync(DurableTopic topic, string session, long now) => store.TakeUpAsync(topic, session, now);

    public Task<IReadOnlyList<long>> SaveAsync(IReadOnlyList<DurableProgress> progress, long now) => store.SaveAsync(progress, now);

    public Task<long> ReadGenerationAsync(CancellationToken cancellationToken) => store.ReadGenerationAsync(cancellationToken);

    public Task<DurableInterests> ReadInterestsAsync(CancellationToken cancellationToken) => store.ReadInterestsAsync(cancellationToken);

    public Task<LowestCursors> ReadLowestAsync(CancellationToken cancellationToken) => store.ReadLowestAsync(cancellationToken);

    public Task<IReadOnlyList<long>> FindAbandonedAsync(long before, int maxCount, CancellationToken cancellationToken) =>
        store.FindAbandonedAsync(before, maxCount, cancellationToken);
}
