using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Topics;

/// <summary>The places of messages that were handed on and not settled, in whatever order they are settled. Not thread-safe.</summary>
internal sealed class UnsettledPlaces
{
    /// <summary>A set of more than this is let go when all is settled: it was made for a client that acknowledges in blocks, or fell behind.</summary>
    private const int KeptCapacity = 64;

    private HashSet<Place>? _places;

    public int Count => _places?.Count ?? 0;

    public void Add(Place place) => (_places ??= []).Add(place);

    /// <summary>Whether there is one of this silo.</summary>
    public bool Any(long silo) => _places?.Any(place => place.Epoch == silo) == true;

    /// <returns>False when it is not there.</returns>
    public bool Remove(Place place)
    {
        if (_places is null || !_places.Remove(place))
            return false;
        if (_places is { Count: 0, Capacity: > KeptCapacity })
            _places = null;
        return true;
    }

    /// <summary>Numbers of one silo, with others that wait.</summary>
    public IEnumerable<long> NumbersOf(long silo, IEnumerable<Place> others) =>
        (_places ?? Enumerable.Empty<Place>()).Concat(others).Where(place => place.Epoch == silo).Select(place => place.Number);
}
