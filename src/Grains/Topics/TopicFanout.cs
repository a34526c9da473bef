using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Topics;

/// <summary>Hands topic messages to the edges that have subscribers for them: once to each edge, which matches them against its sessions. Safe to call from any thread.</summary>
internal sealed class TopicFanout(IOptions<DeliveryOptions> options, TimeProvider time)
{
    // Keys whose edges are remembered; when there are more it begins anew.
    private const int MaxRememberedKeys = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<TopicInterest, InterestedEdges> _interests = [];
    private readonly Dictionary<(string Exchange, string RoutingKey), EdgeLink[]> _remembered = [];
    private readonly TopicLog _log = new(options.Value, time);
    private readonly HashSet<string> _joined = [];
    private readonly DateTimeOffset _graceUntil = time.GetUtcNow() + options.Value.StartGrace;

    public void Publish(bool redelivered, Notification notification)
    {
        lock (_lock)
        {
            var push = _log.Append(redelivered, notification);
            foreach (var link in LinksFor(notification.Exchange, notification.RoutingKey))
                link.Push(push);
        }
    }

    /// <summary>An edge has linked. One that this silo has not seen before gets what came since the start of the silo, if that was just now.</summary>
    /// <returns>The number of the newest message that the edge was not given.</returns>
    public long Join(EdgeLink link, TopicInterest[] interests)
    {
        lock (_lock)
        {
            var number = Change(link, interests, []);
            if (!_joined.Add(link.Edge) || time.GetUtcNow() >= _graceUntil)
                return number;
            foreach (var push in _log.All())
            {
                if (LinksFor(push.Notification.Exchange, push.Notification.RoutingKey).Contains(link))
                    link.Push(push);
            }
            return 0;
        }
    }

    public void Leave(EdgeLink link)
    {
        lock (_lock)
        {
            foreach (var (interest, edges) in _interests)
            {
                edges.Links.Remove(link);
                if (edges.Links.Count == 0)
                    _interests.Remove(interest);
            }
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
                if (_interests.TryGetValue(interest, out var edges) && edges.Links.Remove(link) && edges.Links.Count == 0)
                    _interests.Remove(interest);
            }
            foreach (var interest in added)
            {
                if (!_interests.TryGetValue(interest, out var edges))
                    _interests[interest] = edges = new InterestedEdges(TopicPattern.Parse(interest.Pattern));
                edges.Links.Add(link);
            }
            _remembered.Clear();
            return _log.Last;
        }
    }

    /// <summary>What was handed on and a lost subscription has still to get.</summary>
    public TopicPage Read(TopicQuery query) => _log.Read(query);

    private EdgeLink[] LinksFor(string exchange, string routingKey)
    {
        if (_remembered.TryGetValue((exchange, routingKey), out var links))
            return links;
        if (_remembered.Count >= MaxRememberedKeys)
            _remembered.Clear();
        return _remembered[(exchange, routingKey)] = [.. _interests
            .Where(interest => interest.Key.Exchange == exchange && interest.Value.Pattern.Matches(routingKey))
            .SelectMany(interest => interest.Value.Links)
            .Distinct()];
    }

    private sealed record InterestedEdges(TopicPattern Pattern)
    {
        public HashSet<EdgeLink> Links { get; } = [];
    }
}
