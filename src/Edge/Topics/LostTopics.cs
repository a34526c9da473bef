using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>Hands topic subscriptions whose session was lost to the silos, for their successors on any edge, and asks for them.</summary>
internal sealed class LostTopics(ClusterConnection cluster, TimeProvider time, ILogger<LostTopics> logger)
{
    /// <summary>How long it is tried: a successor that has not come by then is better off without.</summary>
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private List<LostTopic> _waiting = [];
    private Task _sending = Task.CompletedTask;

    /// <summary>Gives one away, soon.</summary>
    public void Add(LostTopic topic)
    {
        lock (_gate)
        {
            _waiting.Add(topic);
            // Those of an edge that ends come all at once, and go together.
            if (_waiting.Count == 1)
                _sending = SendAsync(_sending);
        }
    }

    /// <summary>Completes when everything so far is given away.</summary>
    public Task WhenSentAsync()
    {
        lock (_gate)
            return _sending;
    }

    /// <summary>Takes one over; null when there is none.</summary>
    public async Task<LostTopic?> TakeAsync(string user, TopicInterest interest, CancellationToken cancellationToken)
    {
        await WhenSentAsync().WaitAsync(cancellationToken);
        return await SiloCalls.UntilAnsweredAsync(
            () => cluster.CallAsync<ILostTopicsGrain, LostTopic?>(ILostTopicsGrain.KeyOf(user), grain => grain.TakeAsync(user, interest)),
            logger.LogLostTopicsFailed,
            time,
            cancellationToken
        );
    }

    private async Task SendAsync(Task former)
    {
        await former;
        await Task.Yield();
        List<LostTopic> topics;
        lock (_gate)
        {
            topics = _waiting;
            _waiting = [];
        }
        await Task.WhenAll(topics.GroupBy(topic => ILostTopicsGrain.KeyOf(topic.User)).Select(group => KeepAsync(group.Key, [.. group])));
    }

    private async Task KeepAsync(int key, LostTopic[] topics)
    {
        using var patience = new CancellationTokenSource(GiveUpAfter, time);
        try
        {
            await SiloCalls.UntilAnsweredAsync(
                () => cluster.CallAsync<ILostTopicsGrain>(key, grain => grain.KeepAsync(topics)),
                logger.LogLostTopicsFailed,
                time,
                patience.Token
            );
        }
        catch (OperationCanceledException)
        {
            // They are given up.
        }
    }
}
