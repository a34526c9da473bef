using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// A topic feed follows a lost one, and has not read everything that it missed. When its own session is lost too, the next begins where the first one was. Not
/// thread-safe.
/// </summary>
internal sealed class TopicCatchUp(LostTopic lost, TimeProvider time)
{
    private readonly long _begun = time.GetTimestamp();
    private readonly Dictionary<string, long> _read = [];

    public LostTopic Lost => lost;

    /// <summary>A message was handed on.</summary>
    public void OnRead(SiloTopics silo, long number) => _read[silo.Silo] = number;

    /// <summary>What is left, and from the beginning what may have been delivered: it comes again, flagged.</summary>
    public LostTopic Describe() =>
        lost with
        {
            Marks = [.. lost.Marks.Select(mark => mark with { Attempted = Math.Max(mark.Attempted, _read.GetValueOrDefault(mark.Silo)) })],
            Age = lost.Age + time.GetElapsedTime(_begun),
        };
}
