using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>How far a durable topic feed has come in all logs. Not thread-safe.</summary>
internal sealed class DurableLogPlaces
{
    private readonly Dictionary<string, DurableLogPlace> _byLog = [];
    private readonly List<DurableLogPlace> _byOrdinal = [];

    /// <summary>Where it has to be read on.</summary>
    public LogPosition[] Positions => [.. _byOrdinal.Select(place => new LogPosition(place.Log, place.Epoch, place.Position))];

    /// <summary>Takes over where the subscription was in a log.</summary>
    public DurableLogPlace Add(LogMark mark)
    {
        var place = new DurableLogPlace(_byOrdinal.Count, mark);
        _byLog.Add(mark.Log, place);
        _byOrdinal.Add(place);
        return place;
    }

    /// <summary>The place in a log. One that it hears of for the first time is at its beginning.</summary>
    public DurableLogPlace Of(string log) => Find(log) ?? Add(new LogMark(log, 0, 0));

    /// <summary>The place in a log; null when it has not heard of it.</summary>
    public DurableLogPlace? Find(string log) => _byLog.GetValueOrDefault(log);

    /// <summary>The place of this ordinal.</summary>
    public DurableLogPlace At(long ordinal) => _byOrdinal[(int)ordinal];

    /// <summary>The logs were read up to here.</summary>
    public void Pass(IEnumerable<LogPosition> positions)
    {
        foreach (var position in positions)
        {
            var place = Of(position.Log);
            place.Pass(position.Number);
            place.Epoch = position.Epoch;
        }
    }

    /// <inheritdoc cref="DurableLogPlace.TakeMark"/>
    /// <returns>Those that have to be saved.</returns>
    public LogMark[] TakeMarks(bool mayPass) => [.. _byOrdinal.Select(place => place.TakeMark(mayPass)).OfType<LogMark>()];

    /// <summary>What was to be saved was not.</summary>
    public void SaveAgain() => _byOrdinal.ForEach(place => place.SaveAgain());
}
