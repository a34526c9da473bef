using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Tests.Hosting;

namespace NotifyOrleans.Grains.Tests.Ingress;

/// <summary>What a dispatcher offers to a shard, and in which order after something went wrong.</summary>
public sealed class ShardLaneTests
{
    private readonly ShardLane _lane = new(7);

    [Fact]
    public void Next_NothingAccepted_DemandsNoEpoch()
    {
        Add(1, 2);
        Assert.Equal([1UL, 2UL], Tags(_lane.Next()));
        Assert.Equal(0, _lane.ExpectedEpoch);
    }

    [Fact]
    public void Next_SomethingAccepted_OffersTheRestAndDemandsItsEpoch()
    {
        Add(1, 2);
        AcceptAll(epoch: 5);
        Add(3);
        Assert.Equal([3UL], Tags(_lane.Next()));
        Assert.Equal(5, _lane.ExpectedEpoch);
    }

    [Fact]
    public void Remove_AllAccepted_DemandsNoEpochAgain()
    {
        var nodes = Add(1, 2);
        AcceptAll(epoch: 5);
        foreach (var node in nodes)
            _lane.Remove(node);
        Add(3);
        Assert.Equal(0, _lane.ExpectedEpoch);
        Assert.Equal([3UL], Tags(_lane.Next()));
    }

    [Fact]
    public void Rewind_OwnerChanged_OffersEverythingInOrderAndMarksWhatWasAccepted()
    {
        var nodes = Add(1, 2, 3);
        AcceptAll(epoch: 5);
        _lane.Remove(nodes[1]);
        Add(4);

        Assert.Equal(2, _lane.Rewind());

        var next = _lane.Next();
        Assert.Equal([1UL, 3UL, 4UL], Tags(next));
        Assert.Equal([true, true, false], next.Select(node => node.Value.Offer.Redelivered));
        Assert.Equal(0, _lane.ExpectedEpoch);
    }

    [Fact]
    public void Accept_SettlementWasFaster_KeepsTheOrderOfTheRest()
    {
        var nodes = Add(1, 2, 3);
        var batch = _lane.Next();
        _lane.Remove(nodes[0]);
        _lane.Remove(nodes[2]);
        _lane.Accept(batch, TimeSpan.Zero);

        Assert.Empty(_lane.Next());
        Add(4);
        Assert.Equal([4UL], Tags(_lane.Next()));
        Assert.Equal(TimeSpan.Zero, _lane.OldestAccepted);
    }

    [Fact]
    public void Next_ManyEntries_IsBounded()
    {
        Add([.. Enumerable.Range(1, 1000).Select(tag => (ulong)tag)]);
        Assert.Equal(256, _lane.Next().Count);
    }

    [Fact]
    public void MarkAttempted_CallFailed_OffersTheSameAgainMarked()
    {
        Add(1);
        ShardLane.MarkAttempted(_lane.Next());
        Assert.True(Assert.Single(_lane.Next()).Value.Offer.Redelivered);
    }

    private List<LinkedListNode<LaneEntry>> Add(params ulong[] tags) => [.. tags.Select(tag => _lane.Add(new LaneEntry(Messages.Offer(tag, "alice"))))];

    private void AcceptAll(long epoch)
    {
        _lane.Accept(_lane.Next(), TimeSpan.Zero);
        _lane.Epoch = epoch;
    }

    private static IEnumerable<ulong> Tags(IEnumerable<LinkedListNode<LaneEntry>> nodes) => nodes.Select(node => node.Value.Offer.Tag);
}
