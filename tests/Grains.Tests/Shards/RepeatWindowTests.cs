using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>For how long a <c>message-id</c> is known.</summary>
public sealed class RepeatWindowTests
{
    private static readonly TimeSpan Start = TimeSpan.FromDays(1);

    private readonly RepeatWindow _window = new(maxCount: 3, period: TimeSpan.FromMinutes(5));

    [Fact]
    public void Id_ThatWasForgottenAndComesAgain_IsKnownForItsWholeTime()
    {
        _window.Add("a", 1, Start);
        _window.Remove("a");
        _window.Add("a", 2, Start + TimeSpan.FromMinutes(4));

        _window.Trim(Start + TimeSpan.FromMinutes(6));
        Assert.True(_window.TryGet("a", out var number));
        Assert.Equal(2, number);
        _window.Trim(Start + TimeSpan.FromMinutes(10));
        Assert.True(_window.IsEmpty);
    }

    [Fact]
    public void Ids_ThatWereForgotten_TakeNobodysPlace()
    {
        _window.Add("a", 1, Start);
        foreach (var id in (string[])["b", "c", "d", "e"])
        {
            _window.Add(id, 2, Start);
            _window.Remove(id);
        }
        Assert.True(_window.TryGet("a", out _));
    }

    [Fact]
    public void Id_BeyondTheNumber_TakesThePlaceOfTheOldest()
    {
        foreach (var id in (string[])["a", "b", "c", "d"])
            _window.Add(id, 1, Start);
        Assert.False(_window.TryGet("a", out _));
        Assert.True(_window.TryGet("b", out _));
        Assert.True(_window.TryGet("d", out _));
    }
}
