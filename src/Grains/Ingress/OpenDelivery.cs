using NotifyOrleans.Grains.Ingress.Recipients;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>A delivery that is not safe yet with all of its recipients.</summary>
/// <param name="recipients">How many these are.</param>
internal sealed class OpenDelivery(int recipients)
{
    private int _left = recipients;

    /// <summary>Where it is written down with its recipients; null when it is not.</summary>
    public LogPlace? Logged { get; set; }

    /// <summary>The broker has nothing more to hear of it: it is written down.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>It is safe with one more.</summary>
    /// <returns>Whether that was the last.</returns>
    public bool Settle() => --_left == 0;
}
