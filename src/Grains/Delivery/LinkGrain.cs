using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Placement;
using NotifyOrleans.Grains.Shards;
using NotifyOrleans.Grains.Topics;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Delivery;

/// <inheritdoc cref="ILinkGrain"/>
[SiloPinned, Reentrant, GrainType("link")]
internal sealed class LinkGrain(
    EdgeLinks links,
    GrainReferences grains,
    HostedShards shards,
    TopicFanout topics,
    SourceRoutes sources,
    TimeProvider time,
    ILogger<LinkGrain> logger
) : Grain, ILinkGrain
{
    /// <summary>
    /// How long users are waited for who settle. One who takes longer, as when his rows have to be deleted in a database that is slow, does not hold up what
    /// others settle.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private string Edge => LinkKey.RestOf(this.GetPrimaryKeyString());

    public Task<LinkWelcome> OpenAsync(LinkHello hello) =>
        Task.FromResult(new LinkWelcome(links.Open(Edge, hello, out var topicNumber).Number, sources.Descriptions, topicNumber));

    public Task<LinkBeat> BeatAsync(long link, long shardsVersion)
    {
        if (links.Find(Edge, link) is not { } open)
            return Task.FromResult(new LinkBeat(false, 0, null));
        open.Beat();
        // Read before the shards: whatever changes in between is told again with the next beat.
        var version = shards.Version;
        return Task.FromResult(new LinkBeat(true, version, version == shardsVersion ? null : shards.Snapshot()));
    }

    public async Task SettleAsync(long link, Settlement[] settlements)
    {
        if (links.Find(Edge, link) is not { } open)
            return;
        foreach (var settlement in settlements.Where(IsOfQueue))
            open.Settle(settlement);
        var users = settlements.Where(settlement => !IsOfQueue(settlement)).GroupBy(settlement => settlement.User);
        var settled = Task.WhenAll(users.Select(group => SettleAsync(link, group.Key, [.. group])));
        if (!settled.IsCompleted)
            await Task.WhenAny(settled, Task.Delay(Patience, time));
    }

    public Task EndQueuesAsync(long link, EndedQueue[] ended)
    {
        var open = links.Find(Edge, link);
        foreach (var queue in ended)
            open?.End(queue);
        return Task.CompletedTask;
    }

    public Task<long?> ChangeInterestAsync(long link, TopicInterest[] added, TopicInterest[] removed) =>
        Task.FromResult<long?>(links.Find(Edge, link) is { } open ? topics.Change(open, added, removed) : null);

    public Task<TopicPage> ReadTopicsAsync(TopicQuery query) => Task.FromResult(topics.Read(query));

    public Task CloseAsync(long link)
    {
        links.Find(Edge, link)?.End("the edge leaves");
        return Task.CompletedTask;
    }

    /// <summary>
    /// Goes on until the user has heard of it: whoever is told that it is done forgets it. With the link's end everything that it settled may be offered again.
    /// </summary>
    private async Task SettleAsync(long link, string user, Settlement[] settlements)
    {
        while (links.Find(Edge, link) is not null)
        {
            try
            {
                await grains.User(user).SettleAsync(Edge, settlements);
                return;
            }
            catch (Exception fault)
            {
                logger.SettlingFailed(fault);
                await Task.Delay(RetryInterval, time);
            }
        }
    }

    private static bool IsOfQueue(Settlement settlement) => settlement.User.Length == 0;
}
