using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Topics.Durable;

namespace NotifyOrleans.Grains.Ingress.Recipients;

/// <summary>
/// The messages of one partition that go to many users, and the one writer of their log: each is written down once, with its recipients, so that the broker can
/// forget it, and taken away when it is safe with all of them. For one dispatcher, within its turns.
/// </summary>
/// <param name="partition">The partition, whose name the log has.</param>
/// <param name="partitions">All partitions: the first of them looks after logs of those that there are no more.</param>
/// <param name="store">Where the logs are.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failed reads and writes are told.</param>
internal sealed class RecipientsLog(string partition, IList<string> partitions, IRecipientsLogStore store, TimeProvider time, ILogger logger)
{
    // One commit: while it is under way the next gathers.
    private const int MaxCommitDeliveries = 64;
    private const int MaxCommitBytes = 4 << 20;

    // One read: what is in a log is bounded by recipients alone, and a database gives a read some seconds.
    private const int MaxPageDeliveries = 256;
    private const int MaxPageBytes = 1 << 20;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly Queue<(Notification Notification, string[] Users, TaskCompletionSource<LogPlace?> Written)> _waiting = new();
    private readonly HashSet<LogPlace> _safe = [];

    // Taken away while the logs are being read: a page that was read before still has it.
    private readonly HashSet<LogPlace> _goneMeanwhile = [];

    // What is in the logs, as their one writer knows it; null when it does not.
    private Dictionary<LogPlace, LoggedDelivery>? _known;
    private RecipientsLogState? _state;
    private bool _isWriting;
    private bool _isDeleting;
    private int _calls;
    private int _readsUnderWay;

    /// <summary>Takes the log, and reads what is in it. Tries until it can be read, unless it is known.</summary>
    /// <param name="isWanted">False ends it.</param>
    /// <param name="isKept">Whether nobody else can have written to it since the last call: then, when it cannot be read, what is in it is known all the
    /// same.</param>
    /// <returns>Null when it is not wanted any more.</returns>
    public async Task<IReadOnlyList<(LogPlace Place, LoggedDelivery Delivery)>?> ReadAsync(Func<bool> isWanted, bool isKept)
    {
        var isFailing = false;
        var call = ++_calls;
        if (!isKept)
            _known = null;
        while (isWanted())
        {
            try
            {
                await TryOpenAsync();
                var all = await ReadAllAsync();
                // A later channel's may have ended before: what is known since is newer.
                if (call != _calls)
                    return null;
                _known = all.ToDictionary(each => each.Place, each => each.Delivery);
                return all;
            }
            catch (Exception exception) when (_known is { } known)
            {
                logger.LogKnown(exception, partition);
                return
                [
                    .. known
                        .OrderBy(each => each.Key.Log != partition)
                        .ThenBy(each => each.Key.Log, StringComparer.Ordinal)
                        .ThenBy(each => each.Key.Number)
                        .Select(each => (each.Key, each.Value)),
                ];
            }
            catch (Exception exception)
            {
                if (!isFailing)
                    logger.ReadingLogFailed(exception, partition);
                isFailing = true;
                await Task.Delay(RetryDelay, time);
            }
        }
        return null;
    }

    /// <summary>Writes a message down, in the order of calls; when that fails, those behind it that wait are not written either.</summary>
    /// <returns>Where; null when it is not: it stays with the broker until it is safe with all.</returns>
    public Task<LogPlace?> AppendAsync(Notification notification, string[] users)
    {
        var written = new TaskCompletionSource<LogPlace?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((notification, users, written));
        if (!_isWriting)
            _ = WriteAsync();
        return written.Task;
    }

    /// <summary>It is safe with all of its recipients.</summary>
    public void Remove(LogPlace place)
    {
        _safe.Add(place);
        _known?.Remove(place);
        if (!_isDeleting)
            _ = DeleteAsync();
    }

    /// <summary>
    /// When it cannot be written what is in it is read all the same: an outbox on a full disk is still one that messages come from. It is then taken with the
    /// first append.
    /// </summary>
    private async Task TryOpenAsync()
    {
        try
        {
            var state = await store.OpenAsync(partition, CancellationToken.None);
            if (_state is null || _state.Value.Epoch < state.Epoch)
                _state = state;
        }
        catch (OutboxUnavailableException exception)
        {
            _state = null;
            logger.LogNotTaken(exception, partition);
        }
    }

    private async Task<IReadOnlyList<(LogPlace Place, LoggedDelivery Delivery)>> ReadAllAsync()
    {
        IEnumerable<string> logs = [partition];
        if (partitions.FirstOrDefault() == partition)
            logs = logs.Concat((await store.FindLogsAsync(CancellationToken.None)).Except(partitions));
        List<(LogPlace Place, LoggedDelivery Delivery)> all = [];
        _readsUnderWay++;
        try
        {
            foreach (var log in logs)
            {
                var after = 0L;
                while (await store.ReadAsync(log, after, MaxPageDeliveries, MaxPageBytes, CancellationToken.None) is { Count: > 0 } page)
                {
                    all.AddRange(page.Select(delivery => (new LogPlace(log, delivery.Number), delivery)));
                    after = page[^1].Number;
                }
            }
            all.RemoveAll(each => _safe.Contains(each.Place) || _goneMeanwhile.Contains(each.Place));
            return all;
        }
        finally
        {
            if (--_readsUnderWay == 0)
                _goneMeanwhile.Clear();
        }
    }

    private async Task WriteAsync()
    {
        _isWriting = true;
        while (_waiting.Count > 0)
        {
            List<(Notification Notification, string[] Users, TaskCompletionSource<LogPlace?> Written)> batch = [];
            for (
                var bytes = 0;
                batch.Count < MaxCommitDeliveries && bytes < MaxCommitBytes && _waiting.TryDequeue(out var next);
                bytes += next.Notification.Size
            )
                batch.Add(next);
            var places = await WriteAsync([.. batch.Select(each => (each.Notification, each.Users))]);
            if (places is null)
                batch.AddRange(_waiting);
            for (var index = 0; index < batch.Count; index++)
                batch[index].Written.SetResult(places?[index]);
            if (places is null)
                _waiting.Clear();
        }
        _isWriting = false;
    }

    private async Task<LogPlace[]?> WriteAsync((Notification Notification, string[] Users)[] batch)
    {
        LoggedDelivery[] deliveries = [];
        try
        {
            var state = _state ??= await store.OpenAsync(partition, CancellationToken.None);
            deliveries = [.. batch.Select((each, index) => new LoggedDelivery(state.Next + index, each.Notification, each.Users))];
            // Numbers are not given twice: of a commit that failed it is not known whether it took effect.
            _state = state with { Last = deliveries[^1].Number };
            await store.AppendAsync(partition, state.Epoch, deliveries);
            foreach (var delivery in deliveries)
            {
                if (_known is not null)
                    _known[new LogPlace(partition, delivery.Number)] = delivery;
            }
            return [.. deliveries.Select(delivery => new LogPlace(partition, delivery.Number))];
        }
        catch (StaleLogException)
        {
            (_state, _known) = (null, null);
            return null;
        }
        catch (Exception exception)
        {
            logger.LoggingFailed(exception, partition);
            foreach (var delivery in deliveries)
                Remove(new LogPlace(partition, delivery.Number));
            return null;
        }
    }

    private async Task DeleteAsync()
    {
        _isDeleting = true;
        while (_safe.Count > 0)
        {
            var batch = _safe.ToArray();
            try
            {
                foreach (var log in batch.GroupBy(place => place.Log))
                    await store.DeleteAsync(log.Key, [.. log.Select(place => place.Number)]);
                _safe.ExceptWith(batch);
                if (_readsUnderWay > 0)
                    _goneMeanwhile.UnionWith(batch);
            }
            catch (Exception)
            {
                // The store's health says why. Until they are gone they are only known here to be safe.
                await Task.Delay(RetryDelay, time);
            }
        }
        _isDeleting = false;
    }
}
