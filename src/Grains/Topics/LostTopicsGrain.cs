using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Topics;

/// <inheritdoc cref="ILostTopicsGrain"/>
[GrainType("lost-topics")]
internal sealed class LostTopicsGrain(IOptions<MailboxOptions> options, TimeProvider time) : Grain, ILostTopicsGrain
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);

    // In the order in which they were lost, nearly that in which they end.
    private readonly Dictionary<(string User, TopicInterest Interest), List<(LostTopic Topic, DateTimeOffset LostAt)>> _lost = [];

    private IGrainTimer? _sweep;

    public Task KeepAsync(LostTopic[] topics)
    {
        if (options.Value.RefreshGrace == TimeSpan.Zero)
            return Task.CompletedTask;
        var now = time.GetUtcNow();
        foreach (var topic in topics)
        {
            if (!_lost.TryGetValue((topic.User, topic.Interest), out var lost))
                _lost[(topic.User, topic.Interest)] = lost = [];
            lost.Add((topic, now - topic.Age));
        }
        _sweep ??= this.RegisterGrainTimer(SweepAsync, new GrainTimerCreationOptions(SweepInterval, SweepInterval));
        return Task.CompletedTask;
    }

    public Task<LostTopic?> TakeAsync(string user, TopicInterest interest)
    {
        if (!_lost.TryGetValue((user, interest), out var lost))
            return Task.FromResult<LostTopic?>(null);
        RemoveOverdue(lost);
        LostTopic? taken = null;
        if (lost.Count > 0)
        {
            taken = lost[0].Topic with { Age = time.GetUtcNow() - lost[0].LostAt };
            lost.RemoveAt(0);
        }
        if (lost.Count == 0)
            _lost.Remove((user, interest));
        return Task.FromResult(taken);
    }

    private Task SweepAsync()
    {
        foreach (var (key, lost) in _lost)
        {
            RemoveOverdue(lost);
            if (lost.Count == 0)
                _lost.Remove(key);
        }
        if (_lost.Count > 0)
            return Task.CompletedTask;
        _sweep?.Dispose();
        _sweep = null;
        return Task.CompletedTask;
    }

    private void RemoveOverdue(List<(LostTopic Topic, DateTimeOffset LostAt)> lost)
    {
        var limit = time.GetUtcNow() - options.Value.RefreshGrace;
        lost.RemoveAll(entry => entry.LostAt <= limit);
    }
}
