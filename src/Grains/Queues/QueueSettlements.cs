using NotifyOrleans.Grains.Interfaces.Delivery;
using RabbitMQ.Client;

namespace NotifyOrleans.Grains.Queues;

/// <summary>
/// Tells the broker what became of messages, one after another on their channel. A channel that is gone is told nothing: the broker has taken back what it was
/// not told of.
/// </summary>
internal sealed class QueueSettlements(IChannel channel, QueueMetrics metrics)
{
    private readonly Lock _gate = new();
    private List<(ulong Tag, SettlementOutcome Outcome)> _waiting = [];
    private Task _running = Task.CompletedTask;

    public void Add(ulong tag, SettlementOutcome outcome)
    {
        lock (_gate)
        {
            _waiting.Add((tag, outcome));
            if (_waiting.Count == 1)
                _running = RunAsync(_running);
        }
    }

    /// <summary>Completes when everything so far is told.</summary>
    public Task WhenToldAsync()
    {
        lock (_gate)
            return _running;
    }

    private async Task RunAsync(Task former)
    {
        await former;
        // Behind what the caller has yet to add.
        await Task.Yield();
        List<(ulong Tag, SettlementOutcome Outcome)> settled;
        lock (_gate)
        {
            settled = _waiting;
            _waiting = [];
        }
        try
        {
            foreach (var (tag, outcome) in settled)
            {
                if (outcome == SettlementOutcome.Settled)
                    await channel.BasicAckAsync(tag, multiple: false);
                else
                    await channel.BasicNackAsync(tag, multiple: false, requeue: outcome == SettlementOutcome.Requeued);
                metrics.MessageSettled(outcome);
            }
        }
        catch (Exception)
        {
            // The channel is closed, and says so itself.
        }
    }
}
