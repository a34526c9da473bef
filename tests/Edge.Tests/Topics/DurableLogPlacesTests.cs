using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Tests.Topics;

/// <summary>How far a durable subscription has come in several logs.</summary>
public sealed class DurableLogPlacesTests
{
    private readonly DurableLogPlaces _places = new();

    [Fact]
    public void Place_IsFoundByLogAndByOrdinal_AndANewLogBeginsAtItsBeginning()
    {
        var known = _places.Add(new LogMark("a", Settled: 7, Offered: 9));
        Assert.Null(_places.Find("b"));
        var other = _places.Of("b");

        Assert.Same(known, _places.Of("a"));
        Assert.Same(known, _places.At(known.Ordinal));
        Assert.Same(other, _places.Find("b"));
        Assert.Same(other, _places.At(other.Ordinal));
        Assert.Equal([new LogPosition("a", 0, 7), new LogPosition("b", 0, 0)], _places.Positions);
    }

    [Fact]
    public void Positions_AreThoseThatWereReadLast()
    {
        _places.Add(new LogMark("a", Settled: 7, Offered: 7));
        _places.Pass([new LogPosition("a", 2, 8), new LogPosition("b", 1, 3)]);
        Assert.Equal([new LogPosition("a", 2, 8), new LogPosition("b", 1, 3)], _places.Positions);
    }

    [Fact]
    public void Marks_AreThoseThatHaveChanged_AndAllOfThemWhenTheyWereNotSaved()
    {
        _places.Add(new LogMark("a", Settled: 7, Offered: 7));
        _places.Of("b").HandOn(3);
        Assert.Equal([new LogMark("b", 0, 3)], _places.TakeMarks(mayPass: true));
        Assert.Empty(_places.TakeMarks(mayPass: true));

        _places.SaveAgain();
        Assert.True(_places.Of("b").Settle(3));
        Assert.Equal([new LogMark("b", 3, 3)], _places.TakeMarks(mayPass: true));
    }
}
