using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using Orleans.Concurrency;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Grains.Queues;

/// <inheritdoc cref="IBrokerQueueGrain"/>
/// <remarks>
/// It needs no state that outlives it: two activations that do not know of each other are two sets of consumers, among which the broker shares the queue as
/// among any. Only that a queue is one session's alone is known here: for the broker all sessions are the silo.
/// </remarks>
[Reentrant, GrainType("broker-queue")]
internal sealed class BrokerQueueGrain(
    IEdgeLinks links,
    QueueConnections connections,
    IOptions<QueuesOptions> options,
    QueueMetrics metrics,
    ILocalSiloDetails silo,
    ILogger<BrokerQueueGrain> logger
) : Grain, IBrokerQueueGrain
{
    private readonly HashSet<QueueConsumer> _consumers = [];
    private QueueOwnership? _ownership;
    private int _requests;

    private string Queue => this.GetPrimaryKeyString();

    public async Task<QueueReply> SubscribeAsync(QueueSubscription subscription)
    {
        if (links.Find(subscription.Edge) is not { } link)
            return Reply();
        using var patience = new CancellationTokenSource(options.Value.Timeout);
        return await AskAsync(async () =>
        {
            if (await IsLockedForAsync(subscription.Session, patience.Token))
                return Locked();
            var connection = TakeConnection(subscription.Declaration, subscription.Session);
            var ownership = _ownership;
            try
            {
                var consumer = await QueueConsumer.OpenAsync(connection, ownership, Queue, subscription, link, metrics, logger, patience.Token);
                Keep(consumer);
                return await BeginAsync(consumer, subscription.Prefetch, link, patience.Token);
            }
            finally
            {
                DropUnlessGranted(ownership);
            }
        });
    }

    public Task<QueueReply> DeclareAsync(QueueDeclaration declaration, string session) =>
        DoAsync(session, (channel, cancellationToken) => QueueDeclarer.DeclareAsync(channel, Queue, declaration, cancellationToken));

    public Task<QueueReply> DeleteAsync(string session) =>
        DoAsync(session, (channel, cancellationToken) => channel.QueueDeleteAsync(Queue, ifUnused: false, ifEmpty: false, noWait: false, cancellationToken));

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        QueueConsumer[] consumers = [.. _consumers];
        foreach (var consumer in consumers)
            consumer.Interrupt(QueuePushKind.Interrupted, "the silo gives the queue away");
        // Its channels are closed in order, or, when that takes too long, with the connection.
        await Task.WhenAny(Task.WhenAll(consumers.Select(consumer => consumer.Closed)), Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));
    }

    private async Task<QueueReply> BeginAsync(QueueConsumer consumer, int prefetch, IEdgeLink link, CancellationToken cancellationToken)
    {
        // Before it begins: what is settled, and the link's end, find it from the first message on.
        if (!link.TryTrack(consumer))
        {
            consumer.End();
            return Reply();
        }
        try
        {
            await consumer.BeginAsync(Math.Min(prefetch, options.Value.MaxPrefetch), cancellationToken);
            return Reply(link.Number);
        }
        catch
        {
            consumer.End();
            throw;
        }
    }

    /// <summary>Does something with the queue on a channel of its own, which a refusal closes.</summary>
    private async Task<QueueReply> DoAsync(string session, Func<IChannel, CancellationToken, Task> request)
    {
        var connection = connections.Take();
        using var patience = new CancellationTokenSource(options.Value.Timeout);
        try
        {
            return await AskAsync(async () =>
            {
                if (await IsLockedForAsync(session, patience.Token))
                    return Locked();
                var open = await (_ownership?.Connection ?? connection).Broker.GetAsync(patience.Token);
                await using var channel = await open.CreateChannelAsync(cancellationToken: patience.Token);
                await request(channel, patience.Token);
                return Reply();
            });
        }
        finally
        {
            connection.Return();
        }
    }

    /// <summary>What the broker refuses is an answer; everything else is tried again by the edge.</summary>
    private async Task<QueueReply> AskAsync(Func<Task<QueueReply>> request)
    {
        _requests++;
        try
        {
            return await request();
        }
        catch (OperationInterruptedException exception)
            when (BrokerFault.CodeOf(exception) is var code and >= Constants.AccessRefused and <= Constants.PreconditionFailed)
        {
            metrics.RequestRefused();
            return Reply() with { Refusal = new QueueRefusal(code, BrokerFault.Describe(exception)) };
        }
        catch (Exception exception)
        {
            logger.RequestFailed(exception, Queue);
            throw new TimeoutException($"The broker has not answered for queue '{Queue}'");
        }
        finally
        {
            _requests--;
            LeaveIfUnused();
        }
    }

    /// <summary>
    /// Whether it is another session's, once it is known whether it is one's at all: for the broker both are this silo, and what goes over the same connection
    /// it would not lock out.
    /// </summary>
    private async Task<bool> IsLockedForAsync(string session, CancellationToken cancellationToken)
    {
        while (_ownership is { Decided: { IsCompleted: false } decided })
            await decided.WaitAsync(cancellationToken);
        return _ownership is not null && _ownership.Session != session;
    }

    /// <summary>A queue that the broker has not given to the session stays everybody's.</summary>
    private void DropUnlessGranted(QueueOwnership? ownership)
    {
        if (ownership is null or { IsGranted: true })
            return;
        _ownership = null;
        ownership.Deny();
    }

    private QueueReply Locked()
    {
        metrics.RequestRefused();
        return Reply() with
        {
            Refusal = new QueueRefusal(Constants.ResourceLocked, $"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{Queue}'"),
        };
    }

    private QueueReply Reply(long link = 0) => new(silo.SiloAddress.ToParsableString(), link, Refusal: null);

    /// <summary>An exclusive queue is its session's alone, and all that it has to do with the queue goes over the one connection that has it.</summary>
    private QueueConnection TakeConnection(QueueDeclaration? declaration, string session)
    {
        if (_ownership is { Connection: var owners })
        {
            owners.Take();
            return owners;
        }
        var connection = connections.Take();
        if (declaration is { Exclusive: true })
            _ownership = new QueueOwnership(session, connection);
        return connection;
    }

    private void Keep(QueueConsumer consumer)
    {
        _consumers.Add(consumer);
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        _ = LetGoAsync(consumer);
    }

    private async Task LetGoAsync(QueueConsumer consumer)
    {
        await consumer.Closed;
        _consumers.Remove(consumer);
        LeaveIfUnused();
    }

    /// <summary>Most queues are one subscription's, and never asked for again.</summary>
    private void LeaveIfUnused()
    {
        if (_consumers.Count > 0 || _requests > 0)
            return;
        _ownership = null;
        DelayDeactivation(TimeSpan.Zero);
        DeactivateOnIdle();
    }
}
