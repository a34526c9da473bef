using BenchmarkDotNet.Attributes;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Benchmarks.Micro;

/// <summary>
/// A silo without broker and sockets: deliveries are offered to shards, go to their users' grains and over the link (TCP) to an edge that settles each at once;
/// it is over when the last settlement is back where the dispatcher would be.
/// </summary>
public class UserBenchmarks
{
    private const int Users = 100;
    private const int Messages = 2000;

    private readonly TemporaryFolder _folder = new();
    private TestSilo _silo = null!;
    private ScriptedEdge _edge = null!;
    private ulong _tag;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _silo = await TestSilo.StartAsync(_folder.Path);
        _edge = await ScriptedEdge.StartAsync(_silo);
        _edge.OnPush = SettleAsync;
        for (var user = 0; user < Users; user++)
            await _edge.SubscribeAsync(NameOf(user));
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _edge.DisposeAsync();
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>From the offer to the settlement.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public async Task DeliverAsync()
    {
        var settled = _silo.Settled.All.Count + Messages;
        await Task.WhenAll(
            Enumerable
                .Range(0, Messages)
                .Select(number => NameOf(number % Users))
                .GroupBy(ShardMap.ShardOf)
                .Select(shard => _silo.OfferAsync(shard.First(), 0, [.. shard.Select(user => Grains.Tests.Hosting.Messages.Offer(++_tag, user))]))
        );
        while (_silo.Settled.All.Count < settled)
            await Task.Delay(1);
    }

    private static string NameOf(int user) => $"user-{user}";

    private Task<PushReply> SettleAsync(PushBatch batch)
    {
        _ = _edge.SettleAsync(batch.Mailbox);
        return Task.FromResult(PushReply.Accepted);
    }
}
