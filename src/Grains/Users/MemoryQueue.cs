using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Users;

/// <summary>The newest messages of a user, those that are in memory, in the order of their places.</summary>
internal sealed class MemoryQueue
{
    private readonly List<HeldMessage> _messages = [];

    public long Bytes { get; private set; }

    public int Count => _messages.Count;

    /// <summary>The last message's place.</summary>
    public Place Newest => _messages.Count > 0 ? _messages[^1].Place : Place.Start;

    public IEnumerable<HeldMessage> All => _messages;

    public void Add(HeldMessage message)
    {
        _messages.Add(message);
        Bytes += message.Size;
    }

    /// <summary>Takes in an older one in its order, unless it is there.</summary>
    public void Insert(HeldMessage message)
    {
        var index = IndexAfter(message.Place);
        if (index > 0 && _messages[index - 1].Place == message.Place)
            return;
        _messages.Insert(index, message);
        Bytes += message.Size;
    }

    /// <summary>The first message behind a place; null when there is none.</summary>
    public HeldMessage? NextAfter(Place place)
    {
        var index = IndexAfter(place);
        return index < _messages.Count ? _messages[index] : null;
    }

    /// <summary>The message at a place; null when it is not there.</summary>
    public HeldMessage? Find(Place place)
    {
        var index = IndexAfter(place);
        return index > 0 && _messages[index - 1].Place == place ? _messages[index - 1] : null;
    }

    /// <summary>Takes away the oldest for as long as they match, and tells of each.</summary>
    public void TrimOldest(Predicate<HeldMessage> match, Action<HeldMessage> removed)
    {
        var count = 0;
        while (count < _messages.Count && match(_messages[count]))
        {
            Bytes -= _messages[count].Size;
            removed(_messages[count++]);
        }
        _messages.RemoveRange(0, count);
    }

    /// <summary>Takes away all that match, and tells of each before it looks at the next.</summary>
    public void RemoveAll(Predicate<HeldMessage> match, Action<HeldMessage>? removed = null)
    {
        _messages.RemoveAll(message =>
        {
            if (!match(message))
                return false;
            Bytes -= message.Size;
            removed?.Invoke(message);
            return true;
        });
    }

    private int IndexAfter(Place place)
    {
        var (low, high) = (0, _messages.Count);
        // Mostly somebody asks for the newest.
        if (high == 0 || _messages[^1].Place <= place)
            return high;
        if (high == 1 || _messages[^2].Place <= place)
            return high - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_messages[middle].Place <= place)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
