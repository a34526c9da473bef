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
internal sealed class LinkGrain(EdgeLinks links, GrainReferences grains, HostedShards shards, TopicFanout topics, SourceRoutes sources) : Grain, ILinkGrain
{
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

    public Task SettleAsync(long link, Settlement[] settlements)
    {
        if (links.Find(Edge, link) is not { } open)
            return Task.CompletedTask;
        foreach (var settlement in settlements.Where(IsOfQueue))
            open.Settle(settlement);
        return Task.WhenAll(settlements
            .Where(settlement => !IsOfQueue(settlement))
            .GroupBy(settlement => settlement.User)
            .Select(group => grains.User(group.Key).SettleAsync(Edge, [.. group])));
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

    private static bool IsOfQueue(Settlement settlement) => settlement.User.Length == 0;
}
