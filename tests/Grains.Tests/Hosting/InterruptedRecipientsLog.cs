using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>The product's log of messages to many users, which is away or waits while the test wants it, as with a database.</summary>
internal sealed class InterruptedRecipientsLog(IRecipientsLogStore store) : IRecipientsLogStore
{
    private Task _readsMay = Task.CompletedTask;
    private int _refused;
    private int _heldReads;
    private int _deletes;

    public bool IsAway { get; set; }

    /// <summary>Whether nothing can be taken away.</summary>
    public bool RefusesDeletes { get; set; }

    /// <summary>How many calls were refused so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>How many pages have waited so far.</summary>
    public int HeldReads => Volatile.Read(ref _heldReads);

    /// <summary>How many times something was taken away.</summary>
    public int Deletes => Volatile.Read(ref _deletes);

    /// <summary>Lets pages wait, with what was read, until what is returned completes.</summary>
    public TaskCompletionSource HoldReads()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _readsMay = release.Task;
        return release;
    }

    /// <summary>Pages from now on do not wait; those that do go on waiting.</summary>
    public void PassReads() => _readsMay = Task.CompletedTask;

    public Task<RecipientsLogState> OpenAsync(string log, CancellationToken cancellationToken) => Answer(() => store.OpenAsync(log, cancellationToken));

    public Task AppendAsync(string log, long epoch, IReadOnlyList<LoggedDelivery> deliveries) =>
        Answer(async () =>
        {
            await store.AppendAsync(log, epoch, deliveries);
            return true;
        });

    public Task<IReadOnlyList<LoggedDelivery>> ReadAsync(string log, long after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        Answer(async () =>
        {
            var page = await store.ReadAsync(log, after, maxCount, maxBytes, cancellationToken);
            if (!_readsMay.IsCompleted)
            {
                Interlocked.Increment(ref _heldReads);
                await _readsMay;
            }
            return page;
        });

    public Task<IReadOnlyList<string>> FindLogsAsync(CancellationToken cancellationToken) => Answer(() => store.FindLogsAsync(cancellationToken));

    public Task DeleteAsync(string log, IReadOnlyList<long> numbers) =>
        Answer(
            async () =>
            {
                await store.DeleteAsync(log, numbers);
                return Interlocked.Increment(ref _deletes);
            },
            RefusesDeletes
        );

    private async Task<T> Answer<T>(Func<Task<T>> call, bool isRefused = false)
    {
        if (!IsAway && !isRefused)
            return await call();
        Interlocked.Increment(ref _refused);
        throw new OutboxUnavailableException("as the test wants it");
    }
}
