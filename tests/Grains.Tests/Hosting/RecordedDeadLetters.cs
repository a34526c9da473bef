using System.Collections.Concurrent;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>Stands at the end of the broker's port; the real one is tested with the broker.</summary>
internal sealed class RecordedDeadLetters : IDeadLetters
{
    public ConcurrentQueue<(string RoutingKey, string Reason)> All { get; } = new();

    /// <summary>Whose clients have rejected them, in the same order.</summary>
    public ConcurrentQueue<Recipient> Rejected { get; } = new();

    /// <summary>What publishing waits for, or fails with, while the test wants it: as with a broker that takes no messages.</summary>
    public Func<Task>? OnPublish { get; set; }

    public Task PublishAsync(RabbitMqDelivery delivery, string reason, CancellationToken cancellationToken)
    {
        All.Enqueue((delivery.RoutingKey, reason));
        return Task.CompletedTask;
    }

    public async Task PublishAsync(Notification notification, Recipient recipient, string reason, CancellationToken cancellationToken)
    {
        if (OnPublish is { } wait)
            await wait();
        Rejected.Enqueue(recipient);
        All.Enqueue((notification.RoutingKey, reason));
    }
}
