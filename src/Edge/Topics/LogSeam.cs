using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// Where a subscription goes over from the silos' logs, when it has something to read there, to what comes live. A message may come both ways; and what a silo
/// drops meanwhile is no loss when its log has it, or has counted it. Not thread-safe.
/// </summary>
internal sealed class LogSeam
{
    private List<(Place Last, long Count)>? _dropped;
    private IReadOnlyDictionary<long, long>? _readUpTo;

    /// <summary>Whether all was read, or there was nothing to read.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Whether the logs that were read had it.</summary>
    public bool Had(Place place) => _readUpTo?.TryGetValue(place.Epoch, out var number) == true && place.Number <= number;

    /// <summary>Before all was read: a silo has dropped messages.</summary>
    /// <param name="last">The place of the newest of them.</param>
    /// <param name="count">How many.</param>
    public void Drop(Place last, long count) => (_dropped ??= []).Add((last, count));

    /// <summary>Nothing more is read.</summary>
    /// <param name="readUpTo">For each silo's ordinal the number up to which its log was read; null when nothing was.</param>
    /// <returns>
    /// How many of those that were dropped meanwhile are missed. Where a log had a part alone all are counted: too many are told rather than too few.
    /// </returns>
    public long End(IReadOnlyDictionary<long, long>? readUpTo)
    {
        (_readUpTo, IsRead) = (readUpTo, true);
        var missed = _dropped?.Where(dropped => !Had(dropped.Last)).Sum(dropped => dropped.Count) ?? 0;
        _dropped = null;
        return missed;
    }
}
