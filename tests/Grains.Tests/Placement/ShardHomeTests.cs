using System.Net;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Placement;

namespace NotifyOrleans.Grains.Tests.Placement;

public sealed class ShardHomeTests
{
    private static readonly SiloAddress[] Silos = [.. Enumerable.Range(1, 5).Select(number => SiloAddress.New(IPAddress.Loopback, 11110 + number, number))];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Homes_SeveralSilos_AreSpreadEvenly(int count)
    {
        var shares = Homes(Silos.Take(count)).CountBy(home => home).Select(share => share.Value).ToList();

        Assert.Equal(count, shares.Count);
        Assert.All(shares, share => Assert.InRange(share, 0.8 * ShardMap.Shards / count, 1.2 * ShardMap.Shards / count));
    }

    [Fact]
    public void Homes_OneSiloJoins_OnlyItsShareMoves()
    {
        var before = Homes(Silos.Take(3));
        var after = Homes(Silos.Take(4));

        var moved = before.Zip(after).Where(home => home.First != home.Second).ToList();
        Assert.All(moved, home => Assert.Equal(Silos[3], home.Second));
        Assert.InRange(moved.Count, 0.8 * ShardMap.Shards / 4, 1.2 * ShardMap.Shards / 4);
    }

    [Fact]
    public void Home_OrderOfSilos_DoesNotMatter() => Assert.Equal(Homes(Silos), Homes(Silos.Reverse()));

    private static List<SiloAddress> Homes(IEnumerable<SiloAddress> silos) =>
        [.. Enumerable.Range(0, ShardMap.Shards).Select(shard => ShardHome.Of(shard, silos))];
}
