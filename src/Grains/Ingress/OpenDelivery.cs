using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>A delivery that is not safe yet with all of its recipients.</summary>
/// <param name="notification">The message.</param>
/// <param name="recipients">How many these are.</param>
internal sealed class OpenDelivery(Notification notification, int recipients)
{
    private int _left = recipients;
    private TaskCompletionSource? _acknowledged;

    public (string Exchange, string RoutingKey) Key => (notification.Exchange, notification.RoutingKey);

    /// <summary>Where it is written down with its recipients; null when it is not.</summary>
    public LogPlace? Logged { get; set; }

    /// <summary>It is on its way to the log, and gets there before what comes later, or none of them does.</summary>
    public bool IsBeingLogged { get; set; }

    /// <summary>The broker has nothing more to hear of it: it is written down, or safe with all.</summary>
    public bool IsAcknowledged { get; private set; }

    /// <summary>Completes when it is acknowledged. Never, when the channel ends before.</summary>
    public Task WhenAcknowledged =>
        IsAcknowledged ? Task.CompletedTask : (_acknowledged ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Acknowledge()
    {
        IsAcknowledged = true;
        _acknowledged?.TrySetResult();
    }

    /// <summary>It is safe with one more.</summary>
    /// <returns>Whether that was the last.</returns>
    public bool Settle() => --_left == 0;
}
