using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using RocksDbSharp;

namespace NotifyOrleans.Silo.Topics.RocksDbEngine;

/// <summary>
/// Topic logs and durable subscriptions in the outbox's own RocksDB: one folder, one writer, one sync for all that comes together. See
/// docs/decisions/0019-topic-logs.md.
/// </summary>
internal sealed class RocksDbTopicLogStore(OutboxDatabase database, OutboxWriter writer) : ITopicLogStore
{
    public Task<TopicLogState> OpenAsync(string log, CancellationToken cancellationToken) =>
        writer.ChangeAsync(group =>
        {
            var state = TopicRecords.ReadLog(log, group.Get(TopicKeys.Log(log)), group.Get(TopicKeys.Trim(log)));
            state = state with { Epoch = state.Epoch + 1 };
            group.Set(TopicKeys.Log(log), TopicRecords.Write(state.Epoch, state.Last, state.Total), sync: true);
            return state;
        });

    public Task AppendAsync(string log, long epoch, IReadOnlyList<StoredTopic> messages) =>
        writer.ChangeAsync(group =>
        {
            var state = TopicRecords.ReadLog(log, group.Get(TopicKeys.Log(log)), trim: null);
            if (state.Epoch != epoch)
                throw new StaleLogException(log, epoch);
            // Those up to the end are there: the call was repeated.
            foreach (var message in messages.Where(message => message.Number > state.Last))
                group.Set(TopicKeys.Message(log, message.Number), TopicRecords.Write(message), sync: true);
            if (messages is [.., var newest] && newest.Number > state.Last)
                group.Set(TopicKeys.Log(log), TopicRecords.Write(epoch, newest.Number, newest.Total), sync: true);
            return true;
        });

    public Task<IReadOnlyList<TopicLogState>> ReadLogsAsync(CancellationToken cancellationToken) =>
        Read(db =>
        {
            var logs = new List<TopicLogState>();
            foreach (var (key, value) in db.Range(TopicKeys.LogsStart, TopicKeys.LogsEnd))
            {
                var log = TopicKeys.ReadLog(key);
                logs.Add(TopicRecords.ReadLog(log, value, db.Get(TopicKeys.Trim(log))));
            }
            return (IReadOnlyList<TopicLogState>)logs;
        });

    public Task<IReadOnlyList<StoredTopic>> ReadAsync(string log, long after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                Read(db =>
                {
                    var messages = new List<StoredTopic>();
                    var bytes = 0L;
                    foreach (var (key, value) in db.Range(TopicKeys.Message(log, after + 1), TopicKeys.Message(log, long.MaxValue)))
                    {
                        var message = TopicRecords.ReadMessage(TopicKeys.ReadNumber(key), value);
                        messages.Add(message);
                        bytes += message.Notification.Size;
                        if (messages.Count >= maxCount || bytes >= maxBytes)
                            break;
                    }
                    return (IReadOnlyList<StoredTopic>)messages;
                }),
            cancellationToken
        );

    public Task TrimAsync(string log, long cutUpTo, long goneUpTo) =>
        writer.ChangeAsync(group =>
        {
            var state = TopicRecords.ReadLog(log, group.Get(TopicKeys.Log(log)), group.Get(TopicKeys.Trim(log)));
            var gone = Math.Clamp(goneUpTo, state.GoneUpTo, state.Last);
            var cut = Math.Clamp(cutUpTo, Math.Max(state.CutUpTo, gone), state.Last);
            var cuts = new List<StoredTopic>();
            for (var number = Math.Max(state.CutUpTo, gone) + 1; number <= cut; number++)
            {
                if (group.Get(TopicKeys.Message(log, number)) is { } value)
                    cuts.Add(TopicRecords.Cut(TopicRecords.ReadMessage(number, value)));
            }
            for (var number = state.GoneUpTo + 1; number <= gone; number++)
                group.Set(TopicKeys.Message(log, number), null, sync: false);
            foreach (var message in cuts)
                group.Set(TopicKeys.Message(log, message.Number), TopicRecords.Write(message), sync: false);
            group.Set(TopicKeys.Trim(log), TopicRecords.Write(cut, gone), sync: false);
            return true;
        });

    public Task<IReadOnlyList<DurableRegistration>> RegisterAsync(IReadOnlyList<DurableTopic> topics, int maxPerUser) =>
        writer.ChangeAsync(group =>
        {
            var generation = TopicRecords.ReadNumber(group.Get(TopicKeys.Generation));
            var registrations = new List<DurableRegistration>();
            foreach (var topic in topics)
            {
                var key = TopicKeys.Topic(topic);
                if (group.Get(key) is { } known)
                {
                    var number = TopicRecords.ReadNumber(known);
                    registrations.Add(new DurableRegistration(number, Find(group, number)!.HasBegun));
                    continue;
                }
                if (CountOf(group, topic.User) >= maxPerUser)
                {
                    registrations.Add(default);
                    continue;
                }
                SetCount(group, topic.User, CountOf(group, topic.User) + 1);
                generation++;
                group.Set(key, TopicRecords.Write(generation), sync: true);
                group.Set(TopicKeys.Subscription(generation), TopicRecords.Write(new SubscriptionRecord(topic, HasBegun: false, "", 0, [])), sync: true);
                registrations.Add(new DurableRegistration(generation, HasBegun: false));
            }
            group.Set(TopicKeys.Generation, TopicRecords.Write(generation), sync: true);
            return (IReadOnlyList<DurableRegistration>)registrations;
        });

    public Task BeginAsync(IReadOnlyList<long> subscriptions, IReadOnlyList<TopicLogState> logs, long now) =>
        writer.ChangeAsync(group =>
        {
            foreach (var number in subscriptions)
            {
                if (Find(group, number) is { HasBegun: false } record)
                    Set(
                        group,
                        number,
                        record with
                        {
                            HasBegun = true,
                            SeenAt = now,
                            Marks = [.. logs.Select(log => new LogMark(log.Log, log.Last, 0))],
                        },
                        sync: true
                    );
            }
            return true;
        });

    public Task EndAsync(IReadOnlyList<long> subscriptions) =>
        writer.ChangeAsync(group =>
        {
            var generation = TopicRecords.ReadNumber(group.Get(TopicKeys.Generation));
            foreach (var number in subscriptions)
            {
                if (Find(group, number) is not { } record)
                    continue;
                group.Set(TopicKeys.Topic(record.Topic), null, sync: true);
                SetCount(group, record.Topic.User, CountOf(group, record.Topic.User) - 1);
                group.Set(TopicKeys.Subscription(number), null, sync: true);
                group.Set(TopicKeys.Generation, TopicRecords.Write(++generation), sync: true);
            }
            return true;
        });

    public Task<DurableCursor?> TakeUpAsync(DurableTopic topic, string session, long now) =>
        writer.ChangeAsync(group =>
        {
            if (
                group.Get(TopicKeys.Topic(topic)) is not { } key
                || TopicRecords.ReadNumber(key) is var number && Find(group, number) is not { HasBegun: true } record
            )
                return null;
            Set(group, number, record with { Session = session, SeenAt = Math.Max(record.SeenAt, now) }, sync: false);
            return new DurableCursor(number, record.Marks, record.Session.Length > 0);
        });

    public Task<IReadOnlyList<long>> SaveAsync(IReadOnlyList<DurableProgress> progress, long now) =>
        writer.ChangeAsync(group =>
        {
            var gone = new List<long>();
            foreach (var each in progress)
            {
                if (Find(group, each.Subscription) is { } record)
                    Set(group, each.Subscription, record.Advance(each, now), sync: false);
                else
                    gone.Add(each.Subscription);
            }
            return (IReadOnlyList<long>)gone;
        });

    public Task<long> ReadGenerationAsync(CancellationToken cancellationToken) => Read(db => TopicRecords.ReadNumber(db.Get(TopicKeys.Generation)));

    public Task<DurableInterests> ReadInterestsAsync(CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                Read(db =>
                {
                    // Read first: a change in between is found again.
                    var generation = TopicRecords.ReadNumber(db.Get(TopicKeys.Generation));
                    var interests = new List<TopicInterest>();
                    // From one interest to the next: however many subscriptions there are to it.
                    using var iterator = db.NewIteratorUpTo(TopicKeys.TopicsEnd);
                    for (iterator.Seek(TopicKeys.TopicsStart); iterator.Valid(); iterator.Seek(TopicKeys.TopicsOfEnd(interests[^1])))
                        interests.Add(TopicKeys.ReadInterest(iterator.GetKeySpan()));
                    iterator.ThrowIfFailed();
                    return new DurableInterests(generation, interests);
                }),
            cancellationToken
        );

    public Task<LowestCursors> ReadLowestAsync(CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                Read(db =>
                {
                    var lowest = new Dictionary<string, (long Settled, long Count)>();
                    var count = 0L;
                    foreach (var (_, value) in db.Range(TopicKeys.SubscriptionsStart, TopicKeys.SubscriptionsEnd))
                    {
                        count++;
                        foreach (var mark in TopicRecords.ReadSubscription(value).Marks)
                        {
                            var former = lowest.GetValueOrDefault(mark.Log, (long.MaxValue, 0));
                            lowest[mark.Log] = (Math.Min(former.Item1, mark.Settled), former.Item2 + 1);
                        }
                    }
                    // A subscription without a mark has had nothing of that log.
                    return new LowestCursors(count, lowest.Where(log => log.Value.Count == count).ToDictionary(log => log.Key, log => log.Value.Settled));
                }),
            cancellationToken
        );

    public Task<IReadOnlyList<long>> FindAbandonedAsync(long before, int maxCount, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                Read(db =>
                    (IReadOnlyList<long>)
                        [
                            .. db.Range(TopicKeys.SubscriptionsStart, TopicKeys.SubscriptionsEnd)
                                .Where(entry => TopicRecords.ReadSubscription(entry.Value).SeenAt < before)
                                .Select(entry => TopicKeys.ReadNumber(entry.Key))
                                .Take(maxCount),
                        ]
                ),
            cancellationToken
        );

    /// <summary>How many subscriptions a user has; those of versions that did not count them are not in it.</summary>
    private static long CountOf(CommitGroup group, string user) => TopicRecords.ReadNumber(group.Get(TopicKeys.User(user)));

    private static void SetCount(CommitGroup group, string user, long count) =>
        group.Set(TopicKeys.User(user), count > 0 ? TopicRecords.Write(count) : null, sync: true);

    private static SubscriptionRecord? Find(CommitGroup group, long number) =>
        group.Get(TopicKeys.Subscription(number)) is { } value ? TopicRecords.ReadSubscription(value) : null;

    private static void Set(CommitGroup group, long number, SubscriptionRecord record, bool sync) =>
        group.Set(TopicKeys.Subscription(number), TopicRecords.Write(record), sync);

    private Task<T> Read<T>(Func<RocksDb, T> read)
    {
        try
        {
            return Task.FromResult(database.Read(read));
        }
        catch (InvalidDataException fault)
        {
            return Task.FromException<T>(new OutboxUnavailableException($"A record of the topic logs is damaged: {fault.Message}", fault));
        }
        catch (OutboxUnavailableException fault)
        {
            return Task.FromException<T>(fault);
        }
    }
}
