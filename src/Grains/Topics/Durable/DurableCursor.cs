using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>How far a subscription had come when a session took it up.</summary>
/// <param name="Subscription">Its number.</param>
/// <param name="Marks">Its place in each log; a log that is not there is new, and it has had nothing of it.</param>
/// <param name="WasOpen">
/// A session had it that has not said how far it came: what comes now may have been delivered. Also when it was the same one, that asks again because the answer
/// was lost: who had it before is not known any more.
/// </param>
public sealed record DurableCursor(long Subscription, IReadOnlyList<LogMark> Marks, bool WasOpen);
