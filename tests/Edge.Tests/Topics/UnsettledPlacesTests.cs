using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Topics;

/// <summary>What a topic subscription remembers of what it has handed on.</summary>
public sealed class UnsettledPlacesTests
{
    private readonly UnsettledPlaces _places = new();

    [Fact]
    public void Places_AreThereUntilTheyAreSettled_InAnyOrder()
    {
        foreach (var place in (Place[])[new(1, 1), new(2, 1), new(1, 2), new(1, 3)])
            _places.Add(place);

        Assert.True(_places.Remove(new Place(1, 2)));
        Assert.False(_places.Remove(new Place(1, 2)), "it is settled twice");
        Assert.False(_places.Remove(new Place(2, 3)), "it was never handed on");

        Assert.Equal(3, _places.Count);
        Assert.Equal([1, 3, 9], _places.NumbersOf(1, [new Place(1, 9), new Place(2, 9)]).Order());
        Assert.True(_places.Any(2));
        Assert.True(_places.Remove(new Place(2, 1)));
        Assert.False(_places.Any(2));
    }

    [Fact]
    public void Places_ThatAreSettledBackwards_CostNoMoreThanInOrder()
    {
        const int Count = 65_535;
        for (var i = 0; i < Count; i++)
            _places.Add(new Place(1, i));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = Count - 1; i >= 0; i--)
            Assert.True(_places.Remove(new Place(1, i)));
        // To copy once what is left is a megabyte.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024 * 1024);
        Assert.Equal(0, _places.Count);
    }
}
