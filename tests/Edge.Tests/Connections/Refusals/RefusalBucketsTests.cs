using NotifyOrleans.Edge.Connections.Refusals;

namespace NotifyOrleans.Edge.Tests.Connections.Refusals;

public sealed class RefusalBucketsTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    // As on a machine that runs for a year.
    private const long Now = 365 * TimeSpan.TicksPerDay;

    [Fact]
    public void Burst_IsTakenAtOnce_ThenTheRate()
    {
        var buckets = new RefusalBuckets(burst: 5, perSecond: 2);
        Assert.Equal(5, Take(buckets, hash: 1, Now));
        Assert.Equal(0, Take(buckets, hash: 1, Now + (Second / 2) - 1));
        Assert.Equal(1, Take(buckets, hash: 1, Now + (Second / 2)));
        Assert.Equal(4, Take(buckets, hash: 1, Now + (5 * Second / 2)));
        Assert.Equal(5, Take(buckets, hash: 1, Now + (100 * Second)));
    }

    [Fact]
    public void Bucket_ThatIsFull_IsNobodyElses()
    {
        var buckets = new RefusalBuckets(burst: 5, perSecond: 2);
        Take(buckets, hash: 1, Now);
        Assert.Equal(5, Take(buckets, hash: 2, Now));
        Assert.Equal(5, Take(buckets, hash: -3, Now));
    }

    [Fact]
    public async Task Bucket_ThatManyTakeFromAtOnce_GivesNoMore()
    {
        var buckets = new RefusalBuckets(burst: 1000, perSecond: 1);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Take(buckets, hash: 7, Now))));
        Assert.Equal(1000, taken.Sum());
    }

    /// <summary>As many as there are.</summary>
    private static int Take(RefusalBuckets buckets, int hash, long now)
    {
        var taken = 0;
        while (buckets.TryAdd(hash, now))
            taken++;
        return taken;
    }
}
