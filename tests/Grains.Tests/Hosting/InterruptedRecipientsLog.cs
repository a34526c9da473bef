using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>The product's log of messages to many users, which is away while the test wants it, as with a database.</summary>
internal sealed class InterruptedRecipientsLog(IRecipientsLogStore store) : IRecipientsLogStore
{
    private int _refused;

    public bool IsAway { get; set; }

    /// <summary>How many calls were refused so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public Task<RecipientsLogState> OpenAsync(string log, CancellationToken cancellationToken) => Answer(() => store.OpenAsync(log, cancellationToken));

    public Task AppendAsync(string log, long epoch, IReadOnlyList<LoggedDelivery> deliveries) => Answer(async () =>
    {
        await store.AppendAsync(log, epoch, deliveries);
        return true;
    });

    public Task<IReadOnlyList<LoggedDelivery>> ReadAsync(string log, long after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        Answer(() => store.ReadAsync(log, after, maxCount, maxBytes, cancellationToken));

    public Task<IReadOnlyList<string>> FindLogsAsync(CancellationToken cancellationToken) => Answer(() => store.FindLogsAsync(cancellationToken));

    public Task DeleteAsync(string log, IReadOnlyList<long> numbers) => Answer(async () =>
    {
        await store.DeleteAsync(log, numbers);
        return true;
    });

    private async Task<T> Answer<T>(Func<Task<T>> call)
    {
        if (!IsAway)
            return await call();
        Interlocked.Increment(ref _refused);
        throw new OutboxUnavailableException("as the test wants it");
    }
}
