using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>The places of messages that were handed on and not settled, mostly settled in that order. Not thread-safe.</summary>
internal sealed class UnsettledPlaces
{
    private Queue<Place>? _places;

    public int Count => _places?.Count ?? 0;

    public void Add(Place place) => (_places ??= new Queue<Place>()).Enqueue(place);

    /// <summary>Whether there is one of this silo.</summary>
    public bool Any(long silo) => _places?.Any(place => place.Epoch == silo) == true;

    /// <returns>False when it is not there.</returns>
    public bool Remove(Place place)
    {
        if (_places is null || !_places.TryPeek(out var first))
            return false;
        if (first == place)
        {
            _places.Dequeue();
            return true;
        }
        var count = _places.Count;
        _places = new Queue<Place>(_places.Where(other => other != place));
        return _places.Count < count;
    }

    /// <summary>Numbers of one silo, with others that wait.</summary>
    public IEnumerable<long> NumbersOf(long silo, IEnumerable<Place> others) =>
        (_places ?? Enumerable.Empty<Place>()).Concat(others).Where(place => place.Epoch == silo).Select(place => place.Number);
}
