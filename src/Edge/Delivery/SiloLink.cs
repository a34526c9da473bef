using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>Keeps a link to one silo open: opens it, beats each second, and opens another when it is lost.</summary>
internal sealed partial class SiloLink
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long an edge that ends waits for the silo to hear of it.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly string _silo;
    private readonly ILinkGrain _grain;
    private readonly IDeliveryObserver[] _lanes;
    private readonly LinkTable _table;
    private readonly CancellationTokenSource _closed = new();
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _opening;
    private volatile Link? _current;
    private Task _run = Task.CompletedTask;

    private SiloLink(string silo, IClusterClient client, IDeliveryObserver[] lanes, LinkTable table)
    {
        _silo = silo;
        _grain = client.GetGrain<ILinkGrain>(LinkKey.Of(silo, table.Edge.Name));
        _lanes = lanes;
        _table = table;
    }

    /// <summary>How many answers in a row have not named the silo; for <see cref="LinkTable.Reconcile"/>.</summary>
    public int Missed { get; set; }

    /// <summary>The open link; null while there is none.</summary>
    public Link? Current => _current;

    public static SiloLink Start(string silo, IClusterClient client, IDeliveryObserver[] lanes, LinkTable table)
    {
        var link = new SiloLink(silo, client, lanes, table);
        link._run = Task.Run(link.RunAsync);
        return link;
    }

    /// <summary>Completes when there is an open link.</summary>
    public Task WhenOpenAsync(CancellationToken cancellationToken) => Volatile.Read(ref _open).Task.WaitAsync(cancellationToken);

    /// <summary>Completes when no opening is under way: its answer is there, and everybody has heard of it.</summary>
    public Task WhenOpeningDoneAsync() => _opening?.Task ?? Task.CompletedTask;

    /// <summary>Ends the link, and tells the silo if it still hears.</summary>
    public async Task CloseAsync()
    {
        await _closed.CancelAsync();
        await _run;
    }

    private async Task RunAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            // Before the silo is asked: it may push as soon as it hears of the link.
            var opening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _opening = opening;
            var link = await OpenAsync();
            opening.SetResult();
            if (link is null)
            {
                await PauseAsync(RetryInterval, CancellationToken.None);
                continue;
            }
            var reason = await BeatAsync(link);
            _current = null;
            Volatile.Write(ref _open, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            link.Lose();
            _table.Topics.Detach(link.Interests);
            _table.Metrics.Lost(reason);
            _table.OnLost(link);
            if (reason == Reasons.Closed)
                await TellClosedAsync(link);
            else
                LogLost(_table.Logger, _silo, link.Number, reason);
        }
    }

    private async Task<Link?> OpenAsync()
    {
        var interests = new InterestFeed(_table.Time, _table.Logger);
        try
        {
            var topics = _table.TopicsOf(_silo);
            var hello = new LinkHello(_lanes, _table.Topics.Attach(interests), topics.Had);
            var welcome = await _grain.OpenAsync(hello).WaitAsync(_closed.Token);
            topics.Begin(hello.Interests, welcome.Topics);
            var link = new Link(_silo, welcome.Link, _grain, interests, topics, _table.Options, _table.Metrics, _table.Time, _table.Logger);
            _current = link;
            interests.Begin(link);
            _table.Metrics.Opened();
            LogOpened(_table.Logger, _silo, link.Number);
            _table.OnOpened(welcome);
            Volatile.Read(ref _open).TrySetResult();
            return link;
        }
        catch (Exception exception)
        {
            _table.Topics.Detach(interests);
            LogOpeningFailed(_table.Logger, exception, _silo);
            return null;
        }
    }

    /// <summary>Beats until the link is lost.</summary>
    /// <returns>Why it is.</returns>
    private async Task<string> BeatAsync(Link link)
    {
        var answered = _table.Time.GetTimestamp();
        var version = -1L;
        while (true)
        {
            try
            {
                // A beat that went by another silo's gateway, which was lost, is answered by nobody: so it is not waited for as long as the silo itself.
                var beat = await _grain.BeatAsync(link.Number, version).WaitAsync(_table.Options.BeatInterval, _table.Time, _closed.Token);
                if (!beat.Known)
                    return Reasons.Unknown;
                answered = _table.Time.GetTimestamp();
                if (beat.Shards is { } shards)
                    _table.OnTold(link, shards);
                version = beat.ShardsVersion;
            }
            catch (Exception exception)
            {
                if (_closed.IsCancellationRequested)
                    return Reasons.Closed;
                LogBeatFailed(_table.Logger, exception, _silo);
                if (_table.Time.GetElapsedTime(answered) >= _table.Options.BeatTimeout)
                    return Reasons.Silent;
            }
            await PauseAsync(_table.Options.BeatInterval, link.Lost);
            if (_closed.IsCancellationRequested)
                return Reasons.Closed;
            if (link.IsLost || link.LongestGap() > _table.Options.GapTimeout)
                return Reasons.Gap;
        }
    }

    private async Task PauseAsync(TimeSpan time, CancellationToken interruption)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interruption, _closed.Token);
        await Task.Delay(time, _table.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TellClosedAsync(Link link)
    {
        try
        {
            await _grain.CloseAsync(link.Number).WaitAsync(CloseTimeout, _table.Time);
        }
        catch (Exception exception)
        {
            LogClosingFailed(_table.Logger, exception, _silo);
        }
    }

    /// <summary>Why a link is lost, in logs and metrics.</summary>
    private static class Reasons
    {
        public const string Closed = "closed";
        public const string Unknown = "unknown";
        public const string Silent = "silent";
        public const string Gap = "gap";
    }
}
