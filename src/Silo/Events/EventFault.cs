namespace NotifyOrleans.Silo.Events;

/// <summary>An attempt to publish events that has failed.</summary>
/// <param name="Reason">Why.</param>
/// <param name="At">When, as a timestamp of the clock.</param>
internal sealed record EventFault(string Reason, long At);
