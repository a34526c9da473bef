using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// Where a subscription goes over from what is retained to what comes live. A message is retained first and then pushed, so it may come both ways; and while
/// what is retained is read, something newer of the key may be pushed. The versions tell: of each key only what is newer than what was had. Not thread-safe.
/// </summary>
internal sealed class RetainedSeam(TimeProvider time)
{
    /// <summary>In place of a silo's ordinal, which begin at 1.</summary>
    public const long Epoch = 0;

    /// <summary>
    /// Microseconds from being retained to being pushed, and far above what that takes: what was older when it was read does not come live any more.
    /// </summary>
    private const long MaxUnderWay = 60_000_000;

    private Dictionary<string, long>? _versions = [];

    /// <summary>Whether all that is retained was handed on.</summary>
    public bool IsRead { get; private set; }

    /// <summary>The place of a retained message, which is in no silo's log.</summary>
    public static Place PlaceOf(long version) => new(Epoch, version);

    /// <summary>The version that a message has which is retained now.</summary>
    public static long VersionAt(DateTimeOffset now) => (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>A message is pushed, or is in a log; false when it was had.</summary>
    public bool TryPass(TopicPush push)
    {
        if (push.Retained == 0 || _versions is null)
            return true;
        if (!IsRead)
            return TryTake(push.Notification.RoutingKey, push.Retained);
        if (_versions.GetValueOrDefault(push.Notification.RoutingKey) >= push.Retained)
            return false;
        // What is pushed comes in order: no older one is under way any more.
        _versions.Remove(push.Notification.RoutingKey);
        return true;
    }

    /// <summary>Before all was read: false when something of the key that is as new was had.</summary>
    public bool TryTake(string routingKey, long version)
    {
        if (_versions!.TryGetValue(routingKey, out var had) && had >= version)
            return false;
        _versions[routingKey] = version;
        return true;
    }

    /// <summary>All was read: what may still be under way is remembered, and nothing else.</summary>
    public void End()
    {
        IsRead = true;
        var oldest = VersionAt(time.GetUtcNow()) - MaxUnderWay;
        var young = _versions!.Where(key => key.Value > oldest).ToDictionary();
        _versions = young.Count > 0 ? young : null;
    }
}
