using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Tests.Topics;

/// <summary>What of a durable subscription comes live while its logs are read.</summary>
public sealed class DurableSeamTests
{
    private static readonly Notification News = new() { Exchange = "amq.topic", RoutingKey = "news" };

    private readonly DurableSeam _seam = new();

    [Fact]
    public void Messages_OfThePage_WaitInOrder()
    {
        Add(1);
        _seam.Begin();
        Add(2);
        Add(3);
        Assert.True(_seam.IsWhole);
        Assert.Equal([2, 3], Take());
    }

    [Fact]
    public void Messages_BehindSomethingMissed_DoNotWait()
    {
        _seam.Begin();
        Add(1);
        _seam.Break();
        Add(2);
        Assert.False(_seam.IsWhole);

        _seam.Begin();
        Add(3);
        Assert.True(_seam.IsWhole);
        Assert.Equal([3], Take());
    }

    [Fact]
    public void Messages_ThatAreTooMany_AreReadOnceMore()
    {
        _seam.Begin();
        for (var number = 1; number <= DurableSeam.MaxMessages; number++)
            Add(number);
        Assert.True(_seam.IsWhole);
        Add(DurableSeam.MaxMessages + 1);
        Assert.False(_seam.IsWhole);
        Assert.Equal(DurableSeam.MaxMessages, Take().Count);
    }

    private void Add(long number) => _seam.Add(new OutgoingMessage(News), new TopicPush(Redelivered: false, News, number));

    private List<long> Take()
    {
        List<long> numbers = [];
        while (_seam.TryTake(out _, out var push))
            numbers.Add(push.Number);
        return numbers;
    }
}
