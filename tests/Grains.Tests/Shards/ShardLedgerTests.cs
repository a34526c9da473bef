using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Grains.Users;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>The book of a shard by itself, on the outbox of a silo.</summary>
public sealed class ShardLedgerTests : SiloWithEdge
{
    [Fact]
    public async Task StoreRest_WhenAStoreUnderWayFails_StoresItsMessagesToo()
    {
        var ledger = await OpenAsync("alice");
        var offer = Offer(1, "alice");
        var delivery = new DeliveryRef(Silo.Address, "partition-0", 1, offer.Tag, "alice");
        Assert.True(ledger.TryBegin(delivery, mailboxes: 1));
        Assert.True(ledger.Accept(delivery, offer, twin: 0, RepeatSearch.None, out var message));
        var row = message.ToRow("alice", isAttempted: false, DateTimeOffset.UtcNow, TimeSpan.FromDays(1));

        var commits = Silo.Store.Commits;
        var goOn = Silo.Store.HoldCommits();
        Silo.Store.RefusedNext = 1;
        var storing = ledger.StoreAsync("alice", [row]);
        await Wait.Until(() => Silo.Store.Commits > commits, "it to be stored");
        ledger.Leave();
        var rest = ledger.StoreRestAsync(_ => false);
        goOn.SetResult();

        await Assert.ThrowsAsync<OutboxUnavailableException>(() => storing);
        await rest;
        Assert.Equal(0, ledger.Unsafe);
        Assert.Equal(message.Place, Assert.Single(await StoredAsync("alice")).Place);
    }

    private async Task<ShardLedger> OpenAsync(string user)
    {
        var shard = ShardMap.ShardOf(user);
        var epoch = await Silo.Store.OpenShardAsync(shard, CancellationToken.None);
        var (limits, time) = (new OutboxOptions(), TimeProvider.System);
        var metrics = new ShardMetrics(Silo.Services.GetRequiredService<IMeterFactory>());
        var outbox = new ShardOutbox(shard, epoch, Silo.Store, limits, new NoticePlan(after: null, time), metrics, time);
        return new ShardLedger(outbox, Silo.Services.GetRequiredService<SettlementQueue>(), limits, new MailboxOptions(), metrics, time);
    }
}
