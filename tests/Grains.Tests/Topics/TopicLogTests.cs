using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Topics;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Topics;

/// <summary>What a silo's log gives to topic subscriptions that were lost.</summary>
public sealed class TopicLogTests
{
    private static readonly TopicInterest News = new("notifications", "news.#");

    private readonly FakeTimeProvider _time = new();
    private readonly DeliveryOptions _options = new();
    private readonly TopicLog _log;

    public TopicLogTests() => _log = new TopicLog(_options, _time);

    [Fact]
    public void Read_WithAMark_GivesWhatCameAfterItAndWhatWasUnsettled()
    {
        Append("news.a", "1", "2", "3");
        Append("other", "4");
        Append("news.a", "5");

        Assert.Equal([("2", true), ("3", false), ("5", false)], Read(Mark(after: 2, unsettled: [2])));
        Assert.Empty(Read(Mark(after: 5)));
        Assert.Equal([("3", true), ("5", false)], Read(Mark(after: 2, attempted: 3)));
    }

    [Fact]
    public void Read_LanesOfPartitions_CountEachForItself()
    {
        var lanes = new long[4];
        for (var number = 0; number < 40; number++)
            Append($"news.{number}", $"{number}");
        // One lane has come to the end, the others have got nothing.
        lanes[EdgeLink.LaneOf("news.7", lanes.Length)] = 40;

        var read = Read(new TopicMark("silo", lanes, [], 0)).Select(entry => entry.Text).ToList();

        var expected = Enumerable.Range(0, 40).Where(number => EdgeLink.LaneOf($"news.{number}", lanes.Length) != EdgeLink.LaneOf("news.7", lanes.Length));
        Assert.Equal(expected.Select(number => $"{number}"), read);
    }

    [Fact]
    public void Read_WithoutAMark_GivesWhatCameSinceTheLoss()
    {
        Append("news.a", "1");
        _time.Advance(TimeSpan.FromSeconds(10));
        Append("news.a", "2");

        Assert.Equal([("2", false)], Read(mark: null, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Read_MoreThanAPage_GoesOnWhereItWas()
    {
        Append("news.a", [.. Enumerable.Range(1, 300).Select(number => $"{number % 10}")]);

        var first = _log.Read(new TopicQuery(News, Mark(after: 0), TimeSpan.Zero, After: 0));
        var second = _log.Read(new TopicQuery(News, Mark(after: 0), TimeSpan.Zero, first.Last));

        Assert.Equal((128, false), (first.Entries.Length, first.IsEnd));
        Assert.Equal(first.Entries[^1].Push.Number + 1, second.Entries[0].Push.Number);
    }

    [Fact]
    public void Read_BytesPassed_CountsWhatIsGone()
    {
        _options.MaxTopicLogBytes = 1000;
        Append("other", new string('o', 400));
        Append("news.a", new string('a', 400), new string('b', 400), new string('c', 400));

        var page = _log.Read(new TopicQuery(News, Mark(after: 0), TimeSpan.Zero, After: 0));

        Assert.Equal(1, page.Dropped);
        Assert.Equal(2, page.Entries.Length);
    }

    [Fact]
    public void Read_TimePassed_GivesWhatIsYoungerAndCountsNothing()
    {
        Append("news.a", "1");
        _time.Advance(TimeSpan.FromMinutes(3));
        Append("news.a", "2");

        var page = _log.Read(new TopicQuery(News, Mark(after: 0), TimeSpan.FromSeconds(30), After: 0));

        Assert.Equal("2", Assert.Single(page.Entries).Push.Notification.Text());
        Assert.Equal(0, page.Dropped);
    }

    private static TopicMark Mark(long after, long[]? unsettled = null, long attempted = 0) =>
        new("silo", [after, after, after, after], unsettled ?? [], attempted);

    /// <summary>Each key by a partition of its own.</summary>
    private void Append(string key, params string[] bodies)
    {
        foreach (var body in bodies)
            _log.Append(key, redelivered: false, Notification(key, body));
    }

    private List<(string Text, bool Redelivered)> Read(TopicMark? mark, TimeSpan age = default) =>
        [.. _log.Read(new TopicQuery(News, mark, age, After: 0)).Entries.Select(entry => (entry.Push.Notification.Text(), entry.Push.Redelivered))];
}
