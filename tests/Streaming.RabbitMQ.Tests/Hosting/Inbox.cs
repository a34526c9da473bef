using System.Collections.Concurrent;
using System.Text;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Hosting;

/// <summary>What the test's grain was given, and what it does with it.</summary>
public sealed class Inbox(IDeliverySettler settler)
{
    private readonly ConcurrentQueue<RabbitMqDelivery> _deliveries = new();

    public IReadOnlyList<RabbitMqDelivery> Deliveries => [.. _deliveries];

    public IReadOnlyList<string> Bodies => [.. _deliveries.Select(BodyOf)];

    /// <summary>Which deliveries are settled at once; all when null.</summary>
    public Func<RabbitMqDelivery, bool>? Settles { get; set; }

    /// <summary>What the grain does before anything else: throws, for one.</summary>
    public Func<Task>? OnNext { get; set; }

    public static string BodyOf(RabbitMqDelivery delivery) => Encoding.UTF8.GetString(delivery.Body);

    public void Settle(RabbitMqDelivery delivery) => settler.Settle(delivery.Queue, delivery.ChannelEpoch, delivery.Tag);

    /// <summary>Says that a delivery is not lost.</summary>
    public void Hold(RabbitMqDelivery delivery) => settler.Hold(delivery.Queue, delivery.ChannelEpoch, delivery.Tag);

    public async Task TakeAsync(IEnumerable<RabbitMqDelivery> deliveries)
    {
        if (OnNext is { } first)
            await first();
        foreach (var delivery in deliveries)
        {
            _deliveries.Enqueue(delivery);
            if (Settles?.Invoke(delivery) != false)
                Settle(delivery);
        }
    }
}
