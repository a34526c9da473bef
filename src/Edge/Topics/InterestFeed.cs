using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// Tells one link of topic patterns that come and go. It exists before its link: what changes while the link is being opened is told afterwards,
/// so that nothing falls between the list that the link is opened with and the changes.
/// </summary>
internal sealed class InterestFeed(ILogger logger)
{
    private readonly Lock _gate = new();
    private Dictionary<TopicInterest, bool> _changes = [];
    private TaskCompletionSource? _told;
    private Link? _link;
    private bool _running = true;
    private bool _ended;

    /// <summary>A pattern has got its first subscriber, or has lost its last.</summary>
    public void Change(TopicInterest interest, bool wanted)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _changes[interest] = wanted;
            Run();
        }
    }

    /// <summary>Completes when everything so far has been told, or there is no link any more to tell it.</summary>
    public Task WhenToldAsync()
    {
        lock (_gate)
        {
            if (!_running)
                return Task.CompletedTask;
            _told ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _told.Task;
        }
    }

    /// <summary>The link is open.</summary>
    public void Begin(Link link)
    {
        lock (_gate)
        {
            _link = link;
            _running = false;
            Run();
            if (!_running)
                Tell();
        }
    }

    /// <summary>The link is lost, or could not be opened.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            _running = false;
            _changes = [];
            Tell();
        }
    }

    private void Run()
    {
        if (_running || _changes.Count == 0)
            return;
        _running = true;
        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (Take() is { } changes)
        {
            TopicInterest[] added = [.. changes.Where(change => change.Value).Select(change => change.Key)];
            TopicInterest[] removed = [.. changes.Where(change => !change.Value).Select(change => change.Key)];
            await SendAsync(added, removed);
        }
    }

    private async Task SendAsync(TopicInterest[] added, TopicInterest[] removed)
    {
        try
        {
            var number = await _link!.CallAsync(
                grain => grain.ChangeInterestAsync(_link.Number, added, removed),
                exception => logger.LogInterestFailed(exception, _link.Silo)
            );
            lock (_gate)
            {
                // Later than that the next link has begun, and knows better.
                if (number is { } since && !_ended)
                    _link.Topics.Change(added, removed, since);
            }
        }
        catch (OperationCanceledException)
        {
            // The link is lost; the next one is told all patterns.
        }
    }

    private Dictionary<TopicInterest, bool>? Take()
    {
        lock (_gate)
        {
            if (_changes.Count > 0 && !_ended)
            {
                var taken = _changes;
                _changes = [];
                return taken;
            }
            _running = false;
            Tell();
            return null;
        }
    }

    private void Tell()
    {
        _told?.SetResult();
        _told = null;
    }
}
