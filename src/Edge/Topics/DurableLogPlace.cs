using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>How far a durable topic feed has come in one log. Not thread-safe.</summary>
internal sealed class DurableLogPlace
{
    private readonly SortedSet<long> _unsettled = [];
    private readonly LogMark _former;
    private LogMark _saved;
    private long _settled;

    /// <param name="ordinal">A number for the log within the feed.</param>
    /// <param name="former">Where the subscription was when its session took it up.</param>
    public DurableLogPlace(int ordinal, LogMark former)
    {
        Ordinal = ordinal;
        _former = _saved = former;
        _settled = Position = former.Settled;
    }

    public string Log => _former.Log;

    public int Ordinal { get; }

    /// <summary>The log's epoch as of the last read. What an older writer pushes is known; a newer one may have written what was not pushed.</summary>
    public long Epoch { get; set; }

    /// <summary>Up to here everything that matches was handed on.</summary>
    public long Position { get; private set; }

    /// <summary>Whether a message may have been delivered before this session.</summary>
    public bool WasOffered(long number) => number <= _former.Offered;

    public void HandOn(long number)
    {
        _unsettled.Add(number);
        Position = number;
    }

    /// <summary>Nothing up to here is for the feed, but what it was handed on.</summary>
    public void Pass(long number) => Position = Math.Max(Position, number);

    /// <returns>False when it was not unsettled.</returns>
    public bool Settle(long number)
    {
        if (!_unsettled.Remove(number))
            return false;
        _settled = Math.Max(_settled, _unsettled.Count > 0 ? _unsettled.Min - 1 : number);
        return true;
    }

    /// <summary>What has to be saved; null when nothing has changed.</summary>
    /// <param name="mayPass">Whether what is not for the feed counts as settled; not while something has still to be told.</param>
    public LogMark? TakeMark(bool mayPass)
    {
        if (mayPass && _unsettled.Count == 0)
            _settled = Math.Max(_settled, Position);
        var mark = new LogMark(Log, _settled, Math.Max(_former.Offered, Position));
        if (mark == _saved)
            return null;
        _saved = mark;
        return mark;
    }

    /// <summary>What was to be saved was not.</summary>
    public void SaveAgain() => _saved = _former;
}
