using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>What a lost topic subscription has still to get, read from the logs of all silos, in the order of time. For one reader.</summary>
internal sealed class TopicReplay(LinkTable links, LostTopic lost, ILogger logger)
{
    private readonly Dictionary<long, long> _readUpTo = [];
    private long _dropped;

    /// <summary>For each silo's ordinal the number up to which its log was read: what is pushed live up to there is known.</summary>
    public IReadOnlyDictionary<long, long> ReadUpTo => _readUpTo;

    /// <summary>How many messages the logs did not have any more, since the last call.</summary>
    public long TakeDropped()
    {
        var dropped = _dropped;
        _dropped = 0;
        return dropped;
    }

    public async IAsyncEnumerable<(SiloTopics Silo, TopicLogEntry Entry)> ReadAsync()
    {
        List<Cursor> cursors = [];
        foreach (var cursor in links.OpenLinks.Select(link => new Cursor(this, link)).ToList())
        {
            if (await cursor.MoveNextAsync())
                cursors.Add(cursor);
        }
        while (cursors.MinBy(cursor => cursor.Current.At) is { } first)
        {
            yield return (first.Silo, first.Current);
            if (!await first.MoveNextAsync())
                cursors.Remove(first);
        }
    }

    /// <summary>Reads one silo's log, page by page.</summary>
    private sealed class Cursor(TopicReplay replay, Link link)
    {
        private TopicPage _page = new([], 0, 0, IsEnd: false);
        private int _index = -1;

        public SiloTopics Silo => link.Topics;

        public TopicLogEntry Current => _page.Entries[_index];

        public async Task<bool> MoveNextAsync()
        {
            while (++_index >= _page.Entries.Length)
            {
                if (_page.IsEnd)
                    return false;
                _page = await ReadAsync();
                _index = -1;
                replay._dropped += _page.Dropped;
                replay._readUpTo[Silo.Ordinal] = _page.Last;
            }
            return true;
        }

        private async Task<TopicPage> ReadAsync()
        {
            var mark = Array.Find(replay.Lost.Marks, mark => mark.Silo == link.Silo);
            try
            {
                return await link.CallAsync(
                    grain => grain.ReadTopicsAsync(new TopicQuery(replay.Lost.Interest, mark, replay.Lost.Age, _page.Last)),
                    exception => replay.Logger.LogReadingTopicsFailed(exception, link.Silo)
                );
            }
            catch (OperationCanceledException)
            {
                // The silo is gone, and its log with it.
                return _page with { Entries = [], Dropped = 1, IsEnd = true };
            }
        }
    }

    private LostTopic Lost => lost;

    private ILogger Logger => logger;
}
