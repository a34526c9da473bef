using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>Keeps a link to one silo open: opens it, beats each second, and opens another when it is lost.</summary>
/// <param name="silo">The silo, as the directory names it.</param>
/// <param name="grain">The silo's end.</param>
/// <param name="lanes">What the silo pushes to.</param>
/// <param name="table">All links; hears of this one.</param>
/// <param name="topics">The patterns that silos are told.</param>
/// <param name="options">Sizes and times.</param>
/// <param name="metrics">Counts links.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where the link's fate is told.</param>
internal sealed partial class SiloLink(
    string silo,
    ILinkGrain grain,
    IDeliveryObserver[] lanes,
    LinkTable table,
    TopicTable topics,
    LinksOptions options,
    LinkMetrics metrics,
    TimeProvider time,
    ILogger logger
)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long an edge that ends waits for the silo to hear of it.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closed = new();
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _opening;
    private volatile Link? _current;
    private Task _run = Task.CompletedTask;

    /// <summary>How many answers in a row have not named the silo; for <see cref="LinkTable.Reconcile"/>.</summary>
    public int Missed { get; set; }

    /// <summary>The open link; null while there is none.</summary>
    public Link? Current => _current;

    public void Start() => _run = Task.Run(RunAsync);

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
            topics.Detach(link.Interests);
            metrics.Lost(reason);
            table.OnLost(link);
            if (reason == Reasons.Closed)
                await TellClosedAsync(link);
            else
                LogLost(silo, link.Number, reason);
        }
    }

    private async Task<Link?> OpenAsync()
    {
        var interests = new InterestFeed(logger);
        try
        {
            var topicsOfSilo = table.TopicsOf(silo);
            var hello = new LinkHello(lanes, topics.Attach(interests), topicsOfSilo.Had);
            var welcome = await grain.OpenAsync(hello).WaitAsync(_closed.Token);
            topicsOfSilo.Begin(hello.Interests, welcome.Topics);
            var link = new Link(silo, welcome.Link, grain, interests, topicsOfSilo, options, metrics, time, logger);
            _current = link;
            interests.Begin(link);
            metrics.Opened();
            LogOpened(silo, link.Number);
            table.OnOpened(welcome);
            Volatile.Read(ref _open).TrySetResult();
            return link;
        }
        catch (Exception exception)
        {
            topics.Detach(interests);
            LogOpeningFailed(exception, silo);
            return null;
        }
    }

    /// <summary>Beats until the link is lost.</summary>
    /// <returns>Why it is.</returns>
    private async Task<string> BeatAsync(Link link)
    {
        var answered = time.GetTimestamp();
        var version = -1L;
        while (true)
        {
            try
            {
                // A beat that went by another silo's gateway, which was lost, is answered by nobody: so it is not waited for as long as the silo itself.
                var beat = await grain.BeatAsync(link.Number, version).WaitAsync(options.BeatInterval, time, _closed.Token);
                if (!beat.Known)
                    return Reasons.Unknown;
                answered = time.GetTimestamp();
                if (beat.Shards is { } shards)
                    table.OnTold(link, shards);
                version = beat.ShardsVersion;
            }
            catch (Exception exception)
            {
                if (_closed.IsCancellationRequested)
                    return Reasons.Closed;
                LogBeatFailed(exception, silo);
                if (time.GetElapsedTime(answered) >= options.BeatTimeout)
                    return Reasons.Silent;
            }
            await PauseAsync(options.BeatInterval, link.Lost);
            if (_closed.IsCancellationRequested)
                return Reasons.Closed;
            if (link.IsLost || link.LongestGap() > options.GapTimeout)
                return Reasons.Gap;
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken interruption)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interruption, _closed.Token);
        await Task.Delay(pause, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TellClosedAsync(Link link)
    {
        try
        {
            await grain.CloseAsync(link.Number).WaitAsync(CloseTimeout, time);
        }
        catch (Exception exception)
        {
            LogClosingFailed(exception, silo);
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
