using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>One subscription to the mailbox: what it takes, how far it has come, and its window of messages that are offered and not settled.</summary>
/// <param name="edge">The edge that serves it.</param>
/// <param name="subscription">What the edge said of it.</param>
/// <param name="since">The newest place when it came.</param>
internal sealed class Subscriber(string edge, MailboxSubscription subscription, Place since)
{
    private readonly TopicPattern _pattern = TopicPattern.Parse(subscription.Pattern);
    private readonly Dictionary<Place, HeldMessage> _offered = [];
    private readonly SortedDictionary<Place, HeldMessage> _again = [];
    private readonly Dictionary<Place, long> _told = [];
    private long _bytes;
    private long _missed;

    public string Edge { get; } = edge;

    public long Id { get; } = subscription.Id;

    public int Lane { get; } = subscription.Lane;

    /// <summary>Messages up to here are offered or are none of its.</summary>
    public Place Cursor { get; set; }

    /// <summary>The newest place when it came: what it misses from here on is told to it.</summary>
    public Place Since { get; } = since;

    /// <summary>Whether the outbox may hold rows behind the cursor.</summary>
    public bool IsReplaying { get; set; } = true;

    public bool HasRoom => _offered.Count < subscription.MaxMessages && (_bytes < subscription.MaxBytes || _offered.Count == 0);

    public int RoomForMessages => subscription.MaxMessages - _offered.Count;

    public int RoomForBytes => (int)Math.Max(1, subscription.MaxBytes - _bytes);

    /// <summary>What it was offered, or shall be offered again.</summary>
    public IEnumerable<HeldMessage> Unsettled => _offered.Values.Concat(_again.Values);

    public bool Matches(string exchange, string filterKey) => subscription.Exchange == exchange && _pattern.Matches(filterKey);

    public bool Matches(HeldMessage message) => Matches(message.Message.Notification.Exchange, message.Message.FilterKey);

    public bool Wants(HeldMessage message) => Cursor < message.Place && Matches(message);

    public void Offer(HeldMessage message, long told)
    {
        if (!_offered.TryAdd(message.Place, message))
            return;
        message.Offers++;
        _bytes += message.Size;
        if (told > 0)
            _told[message.Place] = told;
    }

    /// <summary>The message comes back. Null when it was not offered, or came back before.</summary>
    public HeldMessage? Return(Place place, out long told)
    {
        told = 0;
        if (!_offered.Remove(place, out var message))
            return null;
        message.Offers--;
        _bytes -= message.Size;
        _told.Remove(place, out told);
        return message;
    }

    /// <summary>Another session settled a message before this one had room for it, or a transient one did not fit.</summary>
    public void Miss() => _missed++;

    /// <summary>How many messages it missed, to be told with its next one.</summary>
    public long TakeMissed()
    {
        var missed = _missed;
        _missed = 0;
        return missed;
    }

    public bool WillOfferAgain(HeldMessage message) => _again.ContainsKey(message.Place);

    public void OfferAgainLater(HeldMessage message) => _again[message.Place] = message;

    public bool TryTakeAgain(out HeldMessage message)
    {
        foreach (var (place, first) in _again)
        {
            _again.Remove(place);
            message = first;
            return true;
        }
        message = null!;
        return false;
    }
}
