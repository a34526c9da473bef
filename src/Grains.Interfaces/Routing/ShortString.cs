using System.Text;

namespace NotifyOrleans.Grains.Interfaces.Routing;

/// <summary>
/// AMQP's short string (AMQP 0-9-1, 4.2.5.3), in which names of exchanges and queues, routing keys, and most properties of a message are sent: UTF-8 behind one
/// byte for its length.
/// </summary>
public static class ShortString
{
    /// <summary>Bytes of the longest.</summary>
    public const int MaxBytes = byte.MaxValue;

    public static bool IsTooLong(string text) => Encoding.UTF8.GetByteCount(text) > MaxBytes;
}
