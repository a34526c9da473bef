using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Grains.Interfaces.Queues;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Queues;

/// <summary>
/// Keeps one subscription with its queue: subscribes it, and again whenever the silo that consumes for it is lost, or has lost the broker. Each time has a
/// number of its own, under which messages come: those of former times are not taken, so no silo that does not know that it is out writes to a socket.
/// </summary>
internal sealed class QueueRegistration(QueueFeed feed, QueueTable queues)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>A queue that moves, and a broker that restarts, are there again within seconds.</summary>
    private static readonly TimeSpan MaxRetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a call waits for a link to a silo that has none yet.</summary>
    private static readonly TimeSpan LinkTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the broker may take to notice that a silo which was lost does not have an exclusive queue any more: above two of its heart-beats.
    /// </summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private long _number;
    private Link? _link;
    private bool _isRunning;
    private bool _isStopped;

    /// <summary>Whether what comes under this number may be taken.</summary>
    public bool Holds(long number)
    {
        lock (_gate)
            return !_isStopped && number == _number;
    }

    /// <summary>Subscribes; completes when messages will come.</summary>
    /// <exception cref="StompErrorException">The broker refuses.</exception>
    /// <exception cref="ClusterUnavailableException">Nobody answers in time.</exception>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        _isRunning = true;
        try
        {
            await RunAsync(TimeSpan.Zero, cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            throw new ClusterUnavailableException("The queue cannot be reached now", exception);
        }
    }

    /// <summary>A silo begins to consume under this number. Whoever asked it may give up before it has answered: then it is told the end.</summary>
    /// <returns>False when nobody wants that (any more).</returns>
    public bool TryBegin(long number, Link link)
    {
        lock (_gate)
        {
            if (_isStopped || number != _number)
                return false;
            _link = link;
            return true;
        }
    }

    /// <summary>The silo of this number cannot go on.</summary>
    public void OnInterrupted(long number)
    {
        lock (_gate)
        {
            if (number != _number)
                return;
            // The answer to the call that began it may come later, by another way: it is not to be taken for good.
            _number++;
            Renew();
        }
    }

    public void OnLost(Link link)
    {
        lock (_gate)
        {
            if (_link == link)
                Renew();
        }
    }

    /// <summary>Ends it: what was not settled goes back to the queue.</summary>
    public void Stop()
    {
        Link? link;
        long number;
        lock (_gate)
        {
            _isStopped = true;
            (link, number, _link) = (_link, _number, null);
        }
        if (link is not null)
            queues.End(link, feed.Number, number);
    }

    private void Renew()
    {
        _link = null;
        if (_isRunning || _isStopped)
            return;
        _isRunning = true;
        _ = Task.Run(RenewAsync);
    }

    private async Task RenewAsync()
    {
        try
        {
            await RunAsync(LockPatience, CancellationToken.None);
        }
        catch (StompErrorException)
        {
            // It is not there any more, or another one of that name is.
            feed.Cancel();
        }
        catch (Exception exception)
        {
            queues.Logger.LogRenewingFailed(exception);
            feed.Session.Fail(StompErrors.Internal());
        }
    }

    private async Task RunAsync(TimeSpan lockPatience, CancellationToken cancellationToken)
    {
        var begun = queues.Time.GetTimestamp();
        for (var retry = RetryInterval; TryNumber(out var number); retry = TimeSpan.FromTicks(Math.Min(2 * retry.Ticks, MaxRetryInterval.Ticks)))
        {
            if (await SubscribeAsync(number, cancellationToken) is { } reply)
            {
                if (reply.Refusal is { } refusal && (refusal.Code != Constants.ResourceLocked || queues.Time.GetElapsedTime(begun) >= lockPatience))
                    throw new StompErrorException(StompErrors.Refused(refusal));
                if (reply.Refusal is null && await TryUseAsync(reply, number, cancellationToken))
                    return;
            }
            await Task.Delay(retry, queues.Time, cancellationToken);
        }
    }

    /// <returns>Null when nobody has answered.</returns>
    private async Task<QueueReply?> SubscribeAsync(long number, CancellationToken cancellationToken)
    {
        try
        {
            return await queues
                .AskAsync(feed.Queue, queue => queue.SubscribeAsync(feed.Description with { Registration = number }))
                .WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (ClusterConnection.IsUnavailable(exception))
        {
            queues.Logger.LogSubscribingFailed(exception);
            queues.Metrics.RegisteringFailed();
            return null;
        }
    }

    /// <returns>False when it has to be done again.</returns>
    private async Task<bool> TryUseAsync(QueueReply reply, long number, CancellationToken cancellationToken)
    {
        if (reply.Link == 0)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(LinkTimeout);
            await queues.Links.OpenAsync(reply.Silo, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }
        var link = queues.Links.Find(reply.Silo);
        lock (_gate)
        {
            if (link is null || link.Number != reply.Link || link.IsLost || number != _number)
                return false;
            _isRunning = false;
            if (!_isStopped)
            {
                _link = link;
                queues.Metrics.Registered(1);
                return true;
            }
        }
        queues.End(link, feed.Number, number);
        return true;
    }

    /// <summary>The next number; false when the subscription has ended.</summary>
    private bool TryNumber(out long number)
    {
        lock (_gate)
        {
            number = ++_number;
            if (!_isStopped)
                return true;
            _isRunning = false;
            return false;
        }
    }
}
