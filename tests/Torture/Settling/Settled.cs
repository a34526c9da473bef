namespace NotifyOrleans.Torture.Settling;

/// <summary>How the system stood at the end.</summary>
/// <param name="Took">From the last fault until everything had arrived and all was quiet, or until time was up.</param>
/// <param name="Faults">What was not as it should be; empty when all was.</param>
public sealed record Settled(TimeSpan Took, IReadOnlyList<string> Faults);
