using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Edge.Topics;

/// <summary>The topic feeds of all sessions: tells the silos which patterns are wanted, and matches what comes.</summary>
internal sealed class TopicTable
{
    /// <summary>Feeds that one thread hands a message to, before it takes others: each may cost a system call.</summary>
    private const int ShareSize = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, TopicPatternTrie<Subscribers>> _patterns = [];
    private readonly HashSet<TopicInterest> _interests = [];
    private readonly List<InterestFeed> _links = [];
    private readonly List<Subscribers> _matches = [];

    public void Add(ITopicFeed feed)
    {
        lock (_gate)
        {
            if (_interests.Add(feed.Interest))
                Tell(feed.Interest, wanted: true);
            PatternsOf(feed.Interest.Exchange).GetOrAdd(feed.Pattern, static _ => new Subscribers()).Add(feed);
        }
    }

    public void Remove(ITopicFeed feed)
    {
        lock (_gate)
        {
            var patterns = PatternsOf(feed.Interest.Exchange);
            if (!patterns.TryGet(feed.Pattern, out var subscribers) || !subscribers.Remove(feed) || subscribers.Count > 0)
                return;
            patterns.Remove(feed.Pattern);
            _interests.Remove(feed.Interest);
            Tell(feed.Interest, wanted: false);
        }
    }

    /// <summary>Another live feed of the same user to the same destination; null when there is none.</summary>
    public TopicFeed? FindSibling(TopicFeed feed)
    {
        lock (_gate)
        {
            return PatternsOf(feed.Interest.Exchange).TryGet(feed.Pattern, out var subscribers)
                ? subscribers.All.OfType<TopicFeed>().FirstOrDefault(other => other != feed && other.User == feed.User)
                : null;
        }
    }

    /// <summary>Lets a link hear of changes from now on.</summary>
    /// <returns>What is wanted now.</returns>
    public TopicInterest[] Attach(InterestFeed link)
    {
        lock (_gate)
        {
            _links.Add(link);
            return [.. _interests];
        }
    }

    public void Detach(InterestFeed link)
    {
        lock (_gate)
            _links.Remove(link);
        link.End();
    }

    /// <summary>Completes when every link knows all patterns that are wanted now.</summary>
    public Task WhenToldAsync()
    {
        lock (_gate)
            return Task.WhenAll(_links.Select(link => link.WhenToldAsync()).ToArray());
    }

    /// <summary>Hands a message to every feed whose pattern matches its key.</summary>
    public void Deliver(TopicPush push, SiloTopics silo)
    {
        var matches = Match(push.Notification.Exchange, push.Notification.RoutingKey);
        if (matches.Length == 0)
            return;
        var message = new OutgoingMessage(push.Notification, isShared: true);
        foreach (var feeds in matches)
        {
            if (!silo.IsFor(feeds[0].Interest, push.Number))
                continue;
            if (feeds.Length <= ShareSize)
                Offer(0);
            else
                Parallel.For(0, (feeds.Length + ShareSize - 1) / ShareSize, Offer);

            void Offer(int share)
            {
                foreach (var feed in feeds.AsSpan(share * ShareSize, Math.Min(ShareSize, feeds.Length - share * ShareSize)))
                    feed.Offer(message, silo, push);
            }
        }
    }

    /// <summary>Tells live feeds how many messages that match them the silo has dropped; durable ones read theirs from the logs.</summary>
    public void Drop(DroppedTopics dropped, SiloTopics silo)
    {
        foreach (var (feeds, count) in CountMatches(dropped).Where(match => silo.IsFor(match.Feeds[0].Interest, dropped.Last)))
        {
            foreach (var feed in feeds.OfType<TopicFeed>())
                feed.Drop(new Place(silo.Ordinal, dropped.Last), count);
        }
    }

    /// <summary>The feeds of each pattern that matches any of them, and how many it matches.</summary>
    private List<(ITopicFeed[] Feeds, long Count)> CountMatches(DroppedTopics dropped)
    {
        lock (_gate)
        {
            Dictionary<Subscribers, long> counts = [];
            foreach (var (exchange, routingKey, count) in dropped.Keys)
            {
                _matches.Clear();
                if (_patterns.TryGetValue(exchange, out var patterns))
                    patterns.Match(routingKey, _matches);
                foreach (var subscribers in _matches)
                    counts[subscribers] = counts.GetValueOrDefault(subscribers) + count;
            }
            foreach (var interest in dropped.Others > 0 ? _interests : [])
            {
                if (PatternsOf(interest.Exchange).TryGet(TopicPattern.Parse(interest.Pattern), out var subscribers))
                    counts[subscribers] = counts.GetValueOrDefault(subscribers) + dropped.Others;
            }
            return [.. counts.Select(each => (each.Key.Snapshot, each.Value))];
        }
    }

    /// <summary>The feeds of each pattern that matches.</summary>
    private ITopicFeed[][] Match(string exchange, string routingKey)
    {
        lock (_gate)
        {
            if (!_patterns.TryGetValue(exchange, out var patterns))
                return [];
            _matches.Clear();
            patterns.Match(routingKey, _matches);
            return _matches.Count == 0 ? [] : [.. _matches.Select(subscribers => subscribers.Snapshot)];
        }
    }

    private void Tell(TopicInterest interest, bool wanted)
    {
        foreach (var link in _links)
            link.Change(interest, wanted);
    }

    private TopicPatternTrie<Subscribers> PatternsOf(string exchange)
    {
        if (!_patterns.TryGetValue(exchange, out var patterns))
            _patterns[exchange] = patterns = new TopicPatternTrie<Subscribers>();
        return patterns;
    }

    /// <summary>The feeds of one pattern.</summary>
    private sealed class Subscribers
    {
        private readonly HashSet<ITopicFeed> _feeds = [];
        private ITopicFeed[]? _snapshot;

        public int Count => _feeds.Count;

        public IEnumerable<ITopicFeed> All => _feeds;

        /// <summary>They as they are now: made anew only after a change, since a message may be for a hundred thousand.</summary>
        public ITopicFeed[] Snapshot => _snapshot ??= [.. _feeds];

        public void Add(ITopicFeed feed)
        {
            _feeds.Add(feed);
            _snapshot = null;
        }

        public bool Remove(ITopicFeed feed)
        {
            _snapshot = null;
            return _feeds.Remove(feed);
        }
    }
}
