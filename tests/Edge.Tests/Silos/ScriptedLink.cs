using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Tests.Silos;

/// <summary>The scripted silo's end of a link: numbers batches, or sends those that a test has numbered.</summary>
public sealed class ScriptedLink(string silo, long number, IDeliveryObserver[] lanes)
{
    private readonly long[] _sequences = new long[lanes.Length];

    public long Number => number;

    public IDeliveryObserver LaneOf(int lane) => lanes[lane];

    /// <summary>The next number of a lane, taken.</summary>
    public long NextSequence(int lane) => Interlocked.Increment(ref _sequences[lane]);

    public Task<PushReply> SendAsync(int lane, MailboxPush[] mailbox, TopicPush[] topics) => SendAsync(Batch(lane, NextSequence(lane), mailbox, topics));

    /// <summary>Sends a batch, and as a silo does again when it is not answered: the edge takes it once.</summary>
    public async Task<PushReply> SendAsync(PushBatch batch)
    {
        while (true)
        {
            try
            {
                return await lanes[batch.Lane].PushAsync(batch);
            }
            catch (TimeoutException)
            {
                // A busy machine.
            }
        }
    }

    public PushBatch Batch(int lane, long sequence, MailboxPush[] mailbox, TopicPush[] topics) =>
        new()
        {
            Silo = silo,
            Link = number,
            Lane = lane,
            Sequence = sequence,
            Mailbox = mailbox,
            Topics = topics,
        };
}
