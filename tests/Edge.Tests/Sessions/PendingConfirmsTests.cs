using NotifyOrleans.Edge.Sessions;

namespace NotifyOrleans.Edge.Tests.Sessions;

/// <summary>When the next frame of a session may be read.</summary>
public sealed class PendingConfirmsTests
{
    private readonly PendingConfirms _confirms = new(capacity: 3, maxBytes: 100);

    [Fact]
    public void Begin_UpToTheCount_WaitsForOneToEnd()
    {
        Assert.True(_confirms.BeginAsync(1).IsCompleted);
        Assert.True(_confirms.BeginAsync(1).IsCompleted);
        var room = _confirms.BeginAsync(1);
        Assert.False(room.IsCompleted);
        _confirms.End(1);
        Assert.True(room.IsCompleted);
    }

    [Fact]
    public void Begin_UpToTheBytes_WaitsUntilThereAreLess()
    {
        Assert.True(_confirms.BeginAsync(60).IsCompleted);
        var room = _confirms.BeginAsync(140);
        Assert.False(room.IsCompleted);
        _confirms.End(60);
        Assert.False(room.IsCompleted);
        _confirms.End(140);
        Assert.True(room.IsCompleted);
        Assert.True(_confirms.WhenNoneAsync().IsCompleted);
    }

    [Fact]
    public void Begin_OfMoreThanAllBytes_IsCountedAndWaitsForItsEnd()
    {
        var room = _confirms.BeginAsync(1000);
        Assert.False(room.IsCompleted);
        _confirms.End(1000);
        Assert.True(room.IsCompleted);
    }
}
