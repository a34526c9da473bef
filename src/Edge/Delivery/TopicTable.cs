using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>The topic feeds of all sessions: tells the silos which patterns are wanted, and matches what comes.</summary>
internal sealed class TopicTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicInterest, Pattern> _patterns = [];
    private readonly Dictionary<string, List<Pattern>> _wildcards = [];
    private readonly List<InterestFeed> _feeds = [];

    public void Add(TopicFeed feed)
    {
        lock (_gate)
        {
            if (!_patterns.TryGetValue(feed.Interest, out var pattern))
            {
                _patterns[feed.Interest] = pattern = new Pattern(feed.Pattern);
                if (!feed.Pattern.IsLiteral)
                    WildcardsOf(feed.Interest.Exchange).Add(pattern);
                Tell(feed.Interest, wanted: true);
            }
            pattern.Feeds.Add(feed);
        }
    }

    public void Remove(TopicFeed feed)
    {
        lock (_gate)
        {
            if (!_patterns.TryGetValue(feed.Interest, out var pattern) || !pattern.Feeds.Remove(feed) || pattern.Feeds.Count > 0)
                return;
            _patterns.Remove(feed.Interest);
            if (!feed.Pattern.IsLiteral)
                WildcardsOf(feed.Interest.Exchange).Remove(pattern);
            Tell(feed.Interest, wanted: false);
        }
    }

    /// <summary>Another feed of the same user to the same destination; null when there is none.</summary>
    public TopicFeed? FindSibling(TopicFeed feed)
    {
        lock (_gate)
            return _patterns.TryGetValue(feed.Interest, out var pattern) ? pattern.Feeds.FirstOrDefault(other => other != feed && other.User == feed.User) : null;
    }

    /// <summary>Lets a link hear of changes from now on.</summary>
    /// <returns>What is wanted now.</returns>
    public TopicInterest[] Attach(InterestFeed feed)
    {
        lock (_gate)
        {
            _feeds.Add(feed);
            return [.. _patterns.Keys];
        }
    }

    public void Detach(InterestFeed feed)
    {
        lock (_gate)
            _feeds.Remove(feed);
        feed.End();
    }

    /// <summary>Completes when every link knows all patterns that are wanted now.</summary>
    public Task WhenToldAsync()
    {
        lock (_gate)
            return Task.WhenAll(_feeds.Select(feed => feed.WhenToldAsync()).ToArray());
    }

    /// <summary>Hands a message to every feed whose pattern matches its key.</summary>
    public void Deliver(TopicPush push, SiloTopics silo)
    {
        var feeds = Match(push.Notification.Exchange, push.Notification.RoutingKey);
        if (feeds.Count == 0)
            return;
        var message = new OutgoingMessage(push.Notification);
        var place = new Place(silo.Ordinal, push.Number);
        foreach (var feed in feeds)
            feed.Offer(message, place, push.Redelivered);
    }

    private List<TopicFeed> Match(string exchange, string routingKey)
    {
        var feeds = new List<TopicFeed>();
        lock (_gate)
        {
            // A key may read like a pattern; it is matched as one below.
            if (_patterns.TryGetValue(new TopicInterest(exchange, routingKey), out var literal) && literal.Matcher.IsLiteral)
                feeds.AddRange(literal.Feeds);
            if (!_wildcards.TryGetValue(exchange, out var wildcards))
                return feeds;
            foreach (var pattern in wildcards)
            {
                if (pattern.Matcher.Matches(routingKey))
                    feeds.AddRange(pattern.Feeds);
            }
        }
        return feeds;
    }

    private void Tell(TopicInterest interest, bool wanted)
    {
        foreach (var feed in _feeds)
            feed.Change(interest, wanted);
    }

    private List<Pattern> WildcardsOf(string exchange)
    {
        if (!_wildcards.TryGetValue(exchange, out var patterns))
            _wildcards[exchange] = patterns = [];
        return patterns;
    }

    private sealed record Pattern(TopicPattern Matcher)
    {
        public HashSet<TopicFeed> Feeds { get; } = [];
    }
}
