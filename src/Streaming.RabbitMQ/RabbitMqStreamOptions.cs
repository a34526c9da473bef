using RabbitMQ.Client;

namespace NotifyOrleans.Streaming.RabbitMQ;

/// <summary>Settings of the stream provider.</summary>
public sealed class RabbitMqStreamOptions
{
    /// <summary>The queues, one stream each; the same on all silos.</summary>
    public IList<string> Queues { get; set; } = [];

    /// <summary>Where the broker is and who we are there. One connection a silo serves all its queues.</summary>
    public ConnectionFactory ConnectionFactory { get; set; } = new();

    /// <summary>The connection's name in the broker's management.</summary>
    public string ConnectionName { get; set; } = "orleans-streams";

    /// <summary>
    /// How many deliveries of a queue may be unsettled: the back-pressure, and what a queue can hold in memory. 1 to 65,535; default 1,000. With it a queue
    /// carries as many deliveries a second, divided by the seconds that settling takes.
    /// </summary>
    public int Prefetch { get; set; } = 1000;

    /// <summary>How many deliveries a consumer gets in one call at most. Default 256: beyond, calls get no cheaper for each delivery.</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>
    /// How long the reader of an empty queue waits for the next delivery before it looks after its cache and waits on. Default 1 s: it wakes up at once when
    /// one comes, so a longer time costs no latency, and a shorter one costs a pause of <see cref="PollPeriod"/> more often.
    /// </summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How soon the reader is called again after it had nothing, or while its cache is full. Default 5 ms: a timer that runs only then.</summary>
    public TimeSpan PollPeriod { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// How long settlements are collected after an acknowledgement before the next. Default 25 ms: each costs the broker more than a message does, so 40 a
    /// second and queue, and far below the prefetch's worth of time.
    /// </summary>
    public TimeSpan AckInterval { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// When the oldest delivery of a queue has not been settled for this long, and its consumer has not said that it has it in hand
    /// (<see cref="Settlement.IDeliverySettler.Hold"/>), it is taken to be lost, and the channel is closed so that the broker delivers all unsettled ones
    /// again. Default 2 minutes: well above what settling takes, well below RabbitMQ's own limit (<c>consumer_timeout</c>, 30 minutes), which strikes what is
    /// in hand, too.
    /// </summary>
    public TimeSpan SettlementTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
