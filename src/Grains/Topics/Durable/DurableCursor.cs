using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>How far a subscription had come when a session took it up.</summary>
/// <param name="Subscription">Its number.</param>
/// <param name="Marks">Its place in each log; a log that is not there is new, and it has had nothing of it.</param>
/// <param name="WasOpen">Another session has it still, or has not said how far it came: what comes now may have been delivered.</param>
public sealed record DurableCursor(long Subscription, IReadOnlyList<LogMark> Marks, bool WasOpen);
