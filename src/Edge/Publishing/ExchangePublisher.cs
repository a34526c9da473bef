using System.Threading.Channels;
using NotifyOrleans.Edge.Commands;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>
/// Publishes to one exchange, in order, on an AMQP channel of its own: when the broker closes the channel because the exchange is not there or may not be
/// written to, that is the fault of everything on it, and of nothing else. When the connection is lost, what is not confirmed is sent again.
/// </summary>
internal sealed class ExchangePublisher(string exchange, BrokerConnection broker, PublishingOptions options, PublishingMetrics metrics, ILogger logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Channel<Publication> _waiting = Channel.CreateBounded<Publication>(new BoundedChannelOptions(options.MaxWaiting) { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastUse;
    private bool _oneByOne;

    public string Exchange => exchange;

    /// <summary>Completes when nothing is in line any more, nor unconfirmed, and nothing more comes.</summary>
    public Task Ended => _ended.Task;

    /// <summary>When it was used last, in <see cref="TimeProvider"/>'s timestamps.</summary>
    public long LastUse => Volatile.Read(ref _lastUse);

    /// <summary>Puts a message in line; waits while the line is full.</summary>
    /// <returns>False when this publisher has ended.</returns>
    /// <exception cref="OperationCanceledException">The line did not move in time.</exception>
    public async ValueTask<bool> TryEnqueueAsync(Publication publication, long now)
    {
        Volatile.Write(ref _lastUse, now);
        if (_waiting.Writer.TryWrite(publication))
            return true;
        try
        {
            using var patience = new CancellationTokenSource(options.ConfirmTimeout);
            await _waiting.Writer.WriteAsync(publication, patience.Token);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    /// <summary>Takes no more messages; <see cref="RunAsync"/> ends when those in line are confirmed.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    /// <summary>Publishes until <see cref="Complete"/>, or until the broker refuses.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        metrics.ChannelOpened();
        Queue<Publication> again = [];
        try
        {
            while (true)
            {
                (var done, again) = await RunChannelAsync(again, cancellationToken);
                if (done)
                    break;
                // Whatever closes channels again and again does not do so without a pause.
                await Task.Delay(RetryInterval, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The edge ends; who waits hears of it by the end of his session.
        }
        finally
        {
            metrics.ChannelClosed();
            _ended.SetResult();
        }
    }

    /// <summary>Publishes on one channel until it is closed or nothing more comes.</summary>
    /// <returns>Whether it is the end; else what has to be sent again.</returns>
    private async Task<(bool Done, Queue<Publication> Again)> RunChannelAsync(Queue<Publication> again, CancellationToken cancellationToken)
    {
        var unconfirmed = new UnconfirmedPublications();
        ShutdownEventArgs? reason = null;
        try
        {
            await using var channel = await OpenAsync(cancellationToken);
            var closed = new CancellationTokenSource();
            channel.ChannelShutdownAsync += (_, shutdown) =>
            {
                Volatile.Write(ref reason, shutdown);
                return closed.CancelAsync();
            };
            channel.BasicAcksAsync += (_, ack) => Settle(unconfirmed.Take(ack.DeliveryTag, ack.Multiple), confirmed: true);
            channel.BasicNacksAsync += (_, nack) => Settle(unconfirmed.Take(nack.DeliveryTag, nack.Multiple), confirmed: false);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(closed.Token, cancellationToken);
            await PublishAsync(channel, again, unconfirmed, either.Token);
            return (true, again);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // What was sent goes before what was not.
            var lost = unconfirmed.All();
            switch (Volatile.Read(ref reason))
            {
                case { Initiator: ShutdownInitiator.Peer, ReplyCode: Constants.NotFound or Constants.AccessRefused } refusal:
                    Refuse([.. lost, .. again], refusal);
                    return (true, []);
                // One message is wrong, too large perhaps. Which one is known when it was alone.
                case { Initiator: ShutdownInitiator.Peer, ReplyCode: Constants.PreconditionFailed or Constants.FrameError } refusal
                    when lost is [var alone] && IsToBlame(alone, refusal):
                    Refuse(lost, StompErrors.Precondition(refusal.ReplyText));
                    lost = [];
                    break;
                case { Initiator: ShutdownInitiator.Peer, ReplyCode: Constants.PreconditionFailed or Constants.FrameError }:
                    _oneByOne = true;
                    break;
            }
            // We close it ourselves when the edge ends.
            if (reason is not { Initiator: ShutdownInitiator.Application })
                logger.LogChannelLost(exchange, reason?.ReplyText ?? exception.Message);
            return (false, new Queue<Publication>([.. lost, .. again]));
        }
    }

    /// <summary>
    /// Whether the broker means this message, the only one that was on the channel. A frame that is wrong ends the channels of all exchanges: only headers that
    /// come near to the limit can have been it, others are there by chance.
    /// </summary>
    private bool IsToBlame(Publication publication, ShutdownEventArgs refusal) =>
        refusal.ReplyCode != Constants.FrameError || publication.HeaderFrameBytes > broker.MaxFrameBytes / 2;

    private async Task<IChannel> OpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await broker.OpenChannelAsync(cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The connection has just been lost, and says so itself.
                await Task.Delay(RetryInterval, cancellationToken);
            }
        }
    }

    private async Task PublishAsync(IChannel channel, Queue<Publication> again, UnconfirmedPublications unconfirmed, CancellationToken cancellationToken)
    {
        while (again.TryDequeue(out var publication))
        {
            await PublishAsync(channel, publication, unconfirmed, cancellationToken);
            if (_oneByOne && !publication.IsGivenUp)
                await ConfirmedAsync(publication, cancellationToken);
        }
        _oneByOne = false;
        await foreach (var publication in _waiting.Reader.ReadAllAsync(cancellationToken))
            await PublishAsync(channel, publication, unconfirmed, cancellationToken);
        // Nothing more comes: the channel is kept until the last confirm.
        foreach (var publication in unconfirmed.All())
            await ConfirmedAsync(publication, cancellationToken);
    }

    private static async Task ConfirmedAsync(Publication publication, CancellationToken cancellationToken)
    {
        await publication.Outcome.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask PublishAsync(IChannel channel, Publication publication, UnconfirmedPublications unconfirmed, CancellationToken cancellationToken)
    {
        if (publication.IsGivenUp)
            return;
        // It may have been put in line when another limit was agreed, or none yet.
        if (publication.FindFault(broker.MaxFrameBytes) is { } fault)
        {
            Refuse([publication], fault);
            return;
        }
        var number = unconfirmed.Add(publication);
        metrics.Published();
        try
        {
            await channel.BasicPublishAsync(exchange, publication.RoutingKey, mandatory: false, publication.Properties, publication.Body, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or RabbitMQClientException) && channel.IsOpen)
        {
            // Neither the broker nor the network is to blame, so it would fail on every channel. This one has lost count of what it sent.
            logger.LogUnwritable(exchange, exception.Message);
            Refuse(unconfirmed.Take(number, multiple: false), StompErrors.Processing());
            throw;
        }
    }

    private Task Settle(List<Publication> publications, bool confirmed)
    {
        foreach (var publication in publications)
        {
            if (confirmed)
            {
                metrics.Confirmed();
                publication.Confirm();
            }
            else
            {
                metrics.Rejected();
                publication.Fail(new StompErrorException(StompErrors.NotConfirmed()));
            }
        }
        return Task.CompletedTask;
    }

    /// <summary>The exchange cannot be published to: everything for it is told so.</summary>
    private void Refuse(List<Publication> publications, ShutdownEventArgs reason)
    {
        Complete();
        while (_waiting.Reader.TryRead(out var publication))
            publications.Add(publication);
        Refuse(publications, reason.ReplyCode == Constants.NotFound ? StompErrors.NotFound(reason.ReplyText) : StompErrors.AccessRefused(reason.ReplyText));
    }

    private void Refuse(List<Publication> publications, StompError error)
    {
        foreach (var publication in publications)
        {
            metrics.Refused();
            publication.Fail(new StompErrorException(error));
        }
    }
}
