using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Topics;

/// <summary>
/// Hands topic messages to the edges that have subscribers for them: once to each edge, which matches them against its sessions. Safe to call from any thread.
/// </summary>
internal sealed class TopicFanout(IOptions<DeliveryOptions> options, TimeProvider time)
{
    // Keys whose edges are remembered; when there are more it begins anew.
    private const int MaxRememberedKeys = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TopicPatternTrie<InterestedEdges>> _interests = [];
    private readonly Dictionary<(string Exchange, string RoutingKey), EdgeLink[]> _remembered = [];
    private readonly TopicLog _log = new(options.Value, time);
    private readonly HashSet<EdgeLink> _links = [];

    // For each edge whose link has ended: up to where it has everything, by lanes.
    private readonly Dictionary<string, long[]> _left = [];
    private readonly TimeSpan _graceUntil = time.Uptime() + options.Value.StartGrace;

    /// <param name="partition">The partition that it came by. What comes by one stays in order.</param>
    /// <param name="redelivered">AMQP says that it may have been delivered before.</param>
    /// <param name="notification">The message.</param>
    /// <param name="stored">Its position in the partition's durable log; null when it is not there.</param>
    /// <param name="retained">Its version among the retained messages of its exchange; 0 when it is not retained.</param>
    public void Publish(string partition, bool redelivered, Notification notification, LogPosition? stored = null, long retained = 0)
    {
        lock (_lock)
        {
            var push = _log.Append(partition, redelivered, notification, stored, retained);
            foreach (var link in LinksFor(notification.Exchange, notification.RoutingKey))
                link.Push(partition, push);
        }
    }

    /// <summary>Tells all edges how far a durable log has come, so that cursors of those whom its messages are not for can pass them.</summary>
    public void Mark(LogPosition mark)
    {
        lock (_lock)
        {
            foreach (var link in _links)
                link.Mark(mark);
        }
    }

    /// <summary>
    /// An edge has linked. One whose link was lost gets what it has missed meanwhile, or is told of it. One that has had none gets what came since the start of
    /// the silo, if that was just now.
    /// </summary>
    /// <returns>The number of the newest message that patterns of the edge's which are new were not given.</returns>
    public long Join(EdgeLink link, LinkHello hello)
    {
        lock (_lock)
        {
            _links.Add(link);
            var number = Change(link, hello.Interests, []);
            if (hello.Topics is { } had)
            {
                Resume(link, _left.Remove(link.Edge, out var accepted) ? [.. had.Zip(accepted, Math.Max)] : had);
                return number;
            }
            if (time.Uptime() >= _graceUntil)
                return number;
            Resume(link, new long[hello.Lanes.Length]);
            return 0;
        }
    }

    public void Leave(EdgeLink link)
    {
        lock (_lock)
        {
            _links.Remove(link);
            _left[link.Edge] = link.TopicsAcceptedUpTo(_log.Last);
            foreach (var interest in link.Interests)
                Remove(link, interest);
            link.Interests.Clear();
            _remembered.Clear();
        }
    }

    /// <returns>The number of the newest message before the change.</returns>
    public long Change(EdgeLink link, TopicInterest[] added, TopicInterest[] removed)
    {
        lock (_lock)
        {
            foreach (var interest in removed)
            {
                if (link.Interests.Remove(interest))
                    Remove(link, interest);
            }
            foreach (var interest in added)
            {
                if (link.Interests.Add(interest))
                    PatternsOf(interest.Exchange).GetOrAdd(TopicPattern.Parse(interest.Pattern), static _ => new InterestedEdges()).Links.Add(link);
            }
            _remembered.Clear();
            return _log.Last;
        }
    }

    /// <summary>What was handed on and a lost subscription has still to get.</summary>
    public TopicPage Read(TopicQuery query) => _log.Read(query);

    /// <param name="link">The edge's next link.</param>
    /// <param name="lanes">For each lane the number up to which the edge has everything that is for it.</param>
    private void Resume(EdgeLink link, long[] lanes)
    {
        if (lanes.Min() < _log.ForgottenUpTo)
            link.DropUnknown(Array.IndexOf(lanes, lanes.Min()), lanes.Min() + 1, _log.ForgottenUpTo);
        foreach (var entry in _log.After(lanes).Where(entry => LinksFor(entry.Exchange, entry.RoutingKey).Contains(link)))
        {
            if (entry.Push is { } push)
                link.Push(entry.Partition, push);
            else
                link.Drop(entry);
        }
    }

    private EdgeLink[] LinksFor(string exchange, string routingKey)
    {
        if (_remembered.TryGetValue((exchange, routingKey), out var links))
            return links;
        if (_remembered.Count >= MaxRememberedKeys)
            _remembered.Clear();
        List<InterestedEdges> interested = [];
        if (_interests.TryGetValue(exchange, out var patterns))
            patterns.Match(routingKey, interested);
        return _remembered[(exchange, routingKey)] = [.. interested.SelectMany(edges => edges.Links).Distinct()];
    }

    private void Remove(EdgeLink link, TopicInterest interest)
    {
        var (patterns, pattern) = (PatternsOf(interest.Exchange), TopicPattern.Parse(interest.Pattern));
        if (patterns.TryGet(pattern, out var edges) && edges.Links.Remove(link) && edges.Links.Count == 0)
            patterns.Remove(pattern);
    }

    private TopicPatternTrie<InterestedEdges> PatternsOf(string exchange)
    {
        if (!_interests.TryGetValue(exchange, out var patterns))
            _interests[exchange] = patterns = new TopicPatternTrie<InterestedEdges>();
        return patterns;
    }

    private sealed class InterestedEdges
    {
        public HashSet<EdgeLink> Links { get; } = [];
    }
}
