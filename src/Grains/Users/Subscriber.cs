using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>One subscription to the mailbox: what it takes, how far it has come, and its window of messages that are offered and not settled.</summary>
/// <param name="edge">The edge that serves it.</param>
/// <param name="link">The link that serves it.</param>
/// <param name="subscription">What the edge said of it.</param>
/// <param name="since">Where it begins: the newest place when it came.</param>
/// <param name="arrival">Its number among the user's subscriptions, rising as they come.</param>
internal sealed class Subscriber(string edge, long link, MailboxSubscription subscription, Place since, int arrival)
{
    private readonly TopicPattern _pattern = TopicPattern.Parse(subscription.Pattern);
    private readonly Dictionary<Place, OfferedMessage> _offered = [];
    private readonly SortedDictionary<Place, (HeldMessage Message, bool IsOwed)> _again = [];
    private int _arrival = arrival;
    private long _bytes;
    private long _missed;

    public string Edge { get; } = edge;

    public long Link { get; } = link;

    public long Id { get; } = subscription.Id;

    public int Lane { get; } = subscription.Lane;

    /// <summary>Messages up to here are offered or are none of its.</summary>
    public Place Cursor { get; set; }

    /// <summary>
    /// The newest place when it, or the one that it follows, came. What it misses from here on is told to it; of what is older only the undelivered is its, as
    /// it is the mailbox's.
    /// </summary>
    public Place Since { get; private set; } = since;

    /// <summary>Whether the outbox may hold rows behind the cursor.</summary>
    public bool IsReplaying { get; set; } = true;

    /// <summary>When its session was lost and it waits for a successor: until when. Null while a session has it.</summary>
    public DateTimeOffset? KeptUntil { get; private set; }

    public bool IsKept => KeptUntil is not null;

    /// <summary>
    /// One that came later to the same destination and was given what this one had not settled; null as soon as this one settles something, so it is there
    /// itself.
    /// </summary>
    public Subscriber? Heir { get; set; }

    public bool HasRoom => _offered.Count < subscription.MaxMessages && (_bytes < subscription.MaxBytes || _offered.Count == 0);

    public int RoomForMessages => subscription.MaxMessages - _offered.Count;

    public int RoomForBytes => (int)Math.Max(1, subscription.MaxBytes - _bytes);

    public bool Matches(string exchange, string filterKey) => subscription.Exchange == exchange && _pattern.Matches(filterKey);

    /// <summary>Whether a message is its: what came since it is there, and what is undelivered.</summary>
    public bool Takes(HeldMessage message) =>
        (Since < message.Place || message.IsUndelivered) && Matches(message.Message.Notification.Exchange, message.Message.FilterKey);

    /// <summary>Whether somebody was offered the message before this subscription came: it may be on a screen of the user's already.</summary>
    public bool IsRepeat(HeldMessage message) => message.OfferedFirstTo < _arrival;

    public bool Wants(HeldMessage message) => Cursor < message.Place && Takes(message);

    public bool HasDestinationOf(Subscriber other) => subscription.Exchange == other.Exchange && _pattern.Text == other._pattern.Text;

    /// <summary>Puts a message into the window.</summary>
    /// <param name="message">The message.</param>
    /// <param name="told">How many messages that the outbox has dropped are told with it.</param>
    /// <returns>How many the subscription itself has missed, which are told with it too.</returns>
    public long Offer(HeldMessage message, long told)
    {
        var missed = _missed;
        if (!_offered.TryAdd(message.Place, new OfferedMessage(message, told, missed)))
            return 0;
        _missed = 0;
        message.Offers++;
        _bytes += message.Size;
        return missed;
    }

    /// <summary>The message in the window; null when it is not there, or came back before.</summary>
    public HeldMessage? FindOffered(Place place) => _offered.GetValueOrDefault(place).Message;

    /// <summary>The message comes back. Null when it was not offered, or came back before.</summary>
    public HeldMessage? Return(Place place, out long told)
    {
        told = 0;
        if (!_offered.Remove(place, out var offered))
            return null;
        offered.Message.Offers--;
        _bytes -= offered.Message.Size;
        told = offered.Told;
        return offered.Message;
    }

    /// <summary>
    /// All that is in the window comes back, and nobody knows whether it has arrived: what it has missed is to be told again, by whoever follows it.
    /// </summary>
    public IReadOnlyList<OfferedMessage> ReturnAll()
    {
        OfferedMessage[] all = [.. _offered.Values];
        foreach (var (message, _, missed) in all)
        {
            Return(message.Place, out _);
            _missed += missed;
        }
        return all;
    }

    /// <summary>Another session settled a message before this one had room for it, or a transient one did not fit.</summary>
    public void Miss() => Miss(1);

    /// <summary>Messages of its have gone without an offer.</summary>
    public void Miss(long count) => _missed += count;

    public bool HasToOfferAgain => _again.Count > 0;

    public bool WillOfferAgain(HeldMessage message) => _again.ContainsKey(message.Place);

    /// <summary>Has a message offered again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isOwed">Also when another session has settled it meanwhile.</param>
    public void OfferAgainLater(HeldMessage message, bool isOwed = false) => _again[message.Place] = (message, isOwed);

    /// <summary>The message is not to be offered any more: it is counted as dropped.</summary>
    public void Withdraw(Place place) => _again.Remove(place);

    public bool TryTakeAgain(out HeldMessage message)
    {
        while (_again.Count > 0)
        {
            (var place, (message, var isOwed)) = _again.First();
            _again.Remove(place);
            if (isOwed || !message.IsSettled)
                return true;
        }
        message = null!;
        return false;
    }

    /// <summary>Its session was lost.</summary>
    /// <param name="until">How long it waits for a successor.</param>
    /// <param name="newest">The newest place.</param>
    public void Keep(DateTimeOffset until, Place newest)
    {
        KeptUntil = until;
        if (Heir is null)
            return;
        // That one has had everything so far. Should there be another successor, only what comes from now on is his.
        Heir = null;
        _again.Clear();
        (Cursor, Since, IsReplaying) = (Place.Start, newest, true);
    }

    /// <summary>Goes on where a kept one was.</summary>
    public void Follow(Subscriber kept)
    {
        (Cursor, Since, IsReplaying, _missed) = (kept.Cursor, kept.Since, kept.IsReplaying, kept._missed);
        // Its edge has registered it again: the session was there all the time.
        if ((kept.Edge, kept.Id) == (Edge, Id))
            _arrival = kept._arrival;
        foreach (var (place, again) in kept._again)
            _again[place] = again;
    }

    /// <summary>
    /// Its session was there before this owner of the shard was: it begins with the owner, and what others were offered first is no repeat to it.
    /// </summary>
    public void BeginWithOwner(MissedMessages missed) => (Since, _arrival, _missed) = (Place.Start, 0, missed.CountFor(this));

    /// <summary>
    /// Begins where another one is that is still served: its session may be lost without anybody knowing it yet. The persistent messages that it has not
    /// settled come anyhow.
    /// </summary>
    /// <returns>The transient ones, for memory to take back.</returns>
    public IReadOnlyList<HeldMessage> Inherit(Subscriber other)
    {
        other.Heir = this;
        List<HeldMessage> unsettled =
        [
            .. other
                ._offered.Values.Select(offered => offered.Message)
                .Concat(other._again.Values.Select(again => again.Message))
                .Where(message => !message.IsPersistent),
        ];
        var reached = other.Cursor < other.Since ? other.Since : other.Cursor;
        foreach (var message in unsettled)
        {
            message.IsAttempted = true;
            var before = message.Place with { Number = message.Place.Number - 1 };
            reached = before < reached ? before : reached;
        }
        Since = reached < Since ? reached : Since;
        return unsettled;
    }

    private string Exchange => subscription.Exchange;
}
