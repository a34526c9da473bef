using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Ingress;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>The links to all silos that there are.</summary>
internal sealed class LinkTable(
    EdgeIdentity edge,
    TopicTable topics,
    IOptions<LinksOptions> options,
    LinkMetrics metrics,
    TimeProvider time,
    ILogger<SiloLink> logger
)
{
    /// <summary>
    /// Answers in a row that do not name a silo, until it is taken as gone: each is one silo's view, and one of them may not know yet of another that joins. A
    /// silo that is lost is found by its link itself.
    /// </summary>
    private const int MaxMissed = 3;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, SiloLink> _silos = new();
    private readonly ConcurrentDictionary<string, SiloTopics> _topicsOf = new();
    private readonly TaskCompletionSource _sourcesTold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _linked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SourceDescription[]? _sources;
    private IClusterClient? _client;
    private IDeliveryObserver[] _lanes = [];
    private long _lastOrdinal;

    /// <summary>A link is open.</summary>
    public event Action? Opened;

    /// <summary>A link is lost: what was registered over it is not any more.</summary>
    public event Action<Link>? Lost;

    /// <summary>A silo has told which shards it hosts.</summary>
    public event Action<Link, HostedShard[]>? Told;

    /// <summary>All of a session on one lane: what it gets stays in order.</summary>
    public int LaneOf(string session) => (int)((uint)session.GetHashCode(StringComparison.Ordinal) % (uint)options.Value.Lanes);

    public IEnumerable<Link> OpenLinks => _silos.Values.Select(silo => silo.Current).OfType<Link>();

    /// <summary>How far the edge has come in the topics of each silo.</summary>
    public IEnumerable<SiloTopics> TopicsOfSilos => _topicsOf.Values;

    /// <summary>How far the edge has come in a silo's topics.</summary>
    public SiloTopics TopicsOf(string silo) =>
        _topicsOf.GetOrAdd(silo, name => new SiloTopics(name, Interlocked.Increment(ref _lastOrdinal), options.Value.Lanes));

    /// <summary>Whether there is an open link.</summary>
    public bool IsLinked => _silos.Values.Any(silo => silo.Current is not null);

    /// <summary>Completes when there is an open link.</summary>
    public async Task WhenLinkedAsync(CancellationToken cancellationToken)
    {
        while (!IsLinked)
        {
            Task linked;
            lock (_gate)
            {
                if (_linked.Task.IsCompleted)
                    _linked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                linked = _linked.Task;
            }
            if (!IsLinked)
                await linked.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The configured sources, as a silo has told them last. Waits for the first that tells them.</summary>
    public async ValueTask<SourceDescription[]> SourcesAsync(CancellationToken cancellationToken)
    {
        if (_sources is null)
            await _sourcesTold.Task.WaitAsync(cancellationToken);
        return _sources!;
    }

    /// <summary>The open link to a silo; null when there is none.</summary>
    public Link? Find(string silo) => _silos.GetValueOrDefault(silo)?.Current;

    /// <summary>Has a link opened to a silo, and waits for it.</summary>
    public Task OpenAsync(string silo, CancellationToken cancellationToken) => Ensure(silo)?.WhenOpenAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>
    /// The link of that number, when the silo's link is open, or will be once its opening is done: a silo may push before that. Nothing of a link is handed on
    /// before everybody has heard of it: what is new would pass for the next of what was missed.
    /// </summary>
    public async ValueTask<Link?> FindAsync(string silo, long number)
    {
        if (!_silos.TryGetValue(silo, out var known))
            return null;
        await known.WhenOpeningDoneAsync();
        return known.Current is { } link && link.Number == number ? link : null;
    }

    /// <summary>Begins anew with another client.</summary>
    public async Task UseAsync(IClusterClient client, IDeliveryObserver[] lanes)
    {
        await CloseAllAsync();
        lock (_gate)
            (_client, _lanes) = (client, lanes);
    }

    /// <summary>Links to these silos, and closes links to others that have been missing for some answers.</summary>
    public void Reconcile(IReadOnlyCollection<string> silos)
    {
        foreach (var silo in silos)
            Ensure(silo);
        foreach (var (silo, link) in _silos)
        {
            link.Missed = silos.Contains(silo) ? 0 : link.Missed + 1;
            if (link.Missed < MaxMissed || !_silos.TryRemove(KeyValuePair.Create(silo, link)))
                continue;
            _topicsOf.TryRemove(silo, out _);
            _ = link.CloseAsync();
        }
    }

    /// <summary>Completes when everything that was settled so far is answered, over the links that are open.</summary>
    public Task WhenSettledAsync() => Task.WhenAll(_silos.Values.Select(silo => silo.Current?.WhenSettledAsync() ?? Task.CompletedTask));

    public async Task CloseAllAsync()
    {
        SiloLink[] silos;
        lock (_gate)
        {
            _client = null;
            silos = [.. _silos.Values];
            _silos.Clear();
        }
        await Task.WhenAll(silos.Select(silo => silo.CloseAsync()));
    }

    internal void OnOpened(LinkWelcome welcome)
    {
        _sources = welcome.Sources;
        _sourcesTold.TrySetResult();
        lock (_gate)
            _linked.TrySetResult();
        Opened?.Invoke();
    }

    internal void OnLost(Link link) => Lost?.Invoke(link);

    internal void OnTold(Link link, HostedShard[] shards) => Told?.Invoke(link, shards);

    private SiloLink? Ensure(string silo)
    {
        lock (_gate)
        {
            if (_silos.TryGetValue(silo, out var known) || _client is null)
                return known;
            var grain = _client.GetGrain<ILinkGrain>(LinkKey.Of(silo, edge.Name));
            var link = new SiloLink(silo, grain, _lanes, this, topics, options.Value, metrics, time, logger);
            link.Start();
            return _silos[silo] = link;
        }
    }
}
