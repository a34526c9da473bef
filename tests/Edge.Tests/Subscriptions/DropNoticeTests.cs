using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Subscriptions;

/// <summary>Until when a dropped message is remembered for who follows a subscription.</summary>
public sealed class DropNoticeTests
{
    private DropNotice _drops;

    [Fact]
    public void Drops_AreToldOnce_AndStayOpenUntilTheTellerIsSettled()
    {
        _drops.Add(2);
        _drops.Add(1);
        Assert.Equal(3, _drops.Tell(new Place(1, 7)));
        Assert.Equal(0, _drops.Tell(new Place(1, 8)));
        Assert.Equal(3, _drops.Open);

        _drops.OnSettled(new Place(1, 8));
        Assert.Equal(3, _drops.Open);
        _drops.OnSettled(new Place(1, 7));
        Assert.Equal(0, _drops.Open);
    }

    [Fact]
    public void Drops_ToldByTwoMessages_AreOpenUntilTheLaterIsSettled()
    {
        _drops.Add(2);
        _drops.Tell(new Place(1, 7));
        _drops.Add(5);
        Assert.Equal(5, _drops.Tell(new Place(1, 8)));

        _drops.OnSettled(new Place(1, 7));
        Assert.Equal(7, _drops.Open);
        _drops.OnSettled(new Place(1, 8));
        Assert.Equal(0, _drops.Open);
    }
}
