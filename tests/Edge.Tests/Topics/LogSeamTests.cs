using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Topics;

/// <summary>What a live subscription that follows a lost one takes for read.</summary>
public sealed class LogSeamTests
{
    private readonly LogSeam _seam = new();

    [Fact]
    public void Message_ThatALogHad_IsKnownOnceTheLogsAreRead()
    {
        Assert.False(_seam.Had(new Place(1, 5)));
        Assert.Equal(0, _seam.End(new Dictionary<long, long> { [1] = 5 }));
        Assert.True(_seam.IsRead);
        Assert.True(_seam.Had(new Place(1, 5)));
        Assert.False(_seam.Had(new Place(1, 6)));
        Assert.False(_seam.Had(new Place(2, 1)), "another silo's log was not read");
    }

    [Fact]
    public void Dropped_WhileLogsAreRead_IsMissedWhenNoLogHadAllOfIt()
    {
        _seam.Drop(new Place(1, 5), 1);
        _seam.Drop(new Place(1, 6), 10);
        _seam.Drop(new Place(2, 1), 100);
        Assert.False(_seam.IsRead);
        Assert.Equal(110, _seam.End(new Dictionary<long, long> { [1] = 5 }));
    }

    [Fact]
    public void Dropped_BeforeItIsKnownThatNothingIsToBeRead_IsMissed()
    {
        _seam.Drop(new Place(1, 5), 3);
        Assert.Equal(3, _seam.End(readUpTo: null));
        Assert.False(_seam.Had(new Place(1, 5)));
    }
}
