using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Topics;

/// <summary>What waits of a live topic, and what is dropped.</summary>
public sealed class TopicBacklogTests
{
    private static readonly int Size = Message(1).Message.Size;

    private readonly BacklogBudget _budget = new(2 * Size);
    private readonly TopicBacklog _backlog;

    public TopicBacklogTests() => _backlog = new TopicBacklog(_budget);

    [Fact]
    public void Message_TellsWhatWasDroppedBeforeIt()
    {
        _backlog.Drop(2);
        Assert.True(_backlog.TryAdd(Message(1)));
        Assert.True(_backlog.TryAdd(Message(2)));
        Assert.False(_backlog.TryAdd(Message(3)), "there was no room for it");
        Assert.Equal(3, _backlog.Dropped);
        Assert.Equal([new Place(1, 1), new Place(1, 2)], _backlog.Places);

        Assert.Equal((1, 2), Take());
        Assert.True(_backlog.TryAdd(Message(4)));
        Assert.Equal((2, 0), Take());
        Assert.Equal((4, 1), Take());
        Assert.True(_backlog.IsEmpty);
        Assert.False(_backlog.TryTake(out _));
        Assert.Equal(0, _backlog.Dropped);
    }

    [Fact]
    public void Dropped_BehindAllThatWaits_IsToldOnce()
    {
        Assert.True(_backlog.TryAdd(Message(1)));
        _backlog.Drop(5);
        Assert.Equal((1, 0), Take());
        Assert.Equal(5, _backlog.TakeDropped());
        Assert.Equal(0, _backlog.TakeDropped());
    }

    [Fact]
    public void Room_IsTheSessions_AndGivenBack()
    {
        var other = new TopicBacklog(_budget);
        Assert.True(_backlog.TryAdd(Message(1)));
        Assert.True(other.TryAdd(Message(1)));
        Assert.False(other.TryAdd(Message(2)), "the other one's bytes are not counted");

        _backlog.Clear();
        Assert.True(_backlog.IsEmpty);
        Assert.True(other.TryAdd(Message(3)), "the room was not given back");
    }

    private (long Number, long Dropped) Take()
    {
        Assert.True(_backlog.TryTake(out var message));
        return (message.Place.Number, message.Dropped);
    }

    private static SubscribedMessage Message(long number) =>
        new(
            null!,
            new OutgoingMessage(new Notification { Exchange = "amq.topic", RoutingKey = "news" }),
            Link: null,
            new Place(1, number),
            Dropped: 0,
            Redelivered: false
        );
}
