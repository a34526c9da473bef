using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Grains.Authority;

namespace NotifyOrleans.Grains.Tests.Authority;

public sealed class RefusalPaceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1) / RefusalPace.PerSecond;

    private readonly FakeTimeProvider _time = new();
    private readonly RefusalPace _pace;

    public RefusalPaceTests() => _pace = new RefusalPace(_time);

    [Fact]
    public void Refusals_OfASecond_AreToldAtOnce_TheNextOnesOneByOne()
    {
        Assert.All(Take(RefusalPace.PerSecond), told => Assert.True(told.IsCompleted));
        var late = Take(10);
        for (var i = 0; i < late.Length; i++)
        {
            Assert.False(late[i].IsCompleted);
            _time.Advance(Interval);
            Assert.True(late[i].IsCompleted);
        }
    }

    [Fact]
    public void Refusals_WithoutEnd_WaitNoLongerThanTheLimit()
    {
        var refusals = Take(3 * RefusalPace.PerSecond);
        _time.Advance(RefusalPace.MaxWait);
        Assert.All(refusals, told => Assert.True(told.IsCompleted));
    }

    [Fact]
    public void Refusals_AfterAPause_AreToldAtOnceAgain()
    {
        Take(3 * RefusalPace.PerSecond);
        _time.Advance(RefusalPace.MaxWait + TimeSpan.FromSeconds(1));
        Assert.All(Take(RefusalPace.PerSecond - 1), told => Assert.True(told.IsCompleted));
    }

    private Task[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => _pace.WaitAsync())];
}
