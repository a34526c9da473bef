using NotifyOrleans.Torture.Faults;

namespace NotifyOrleans.Torture.Planning;

/// <param name="After">When so many messages are confirmed.</param>
/// <param name="Fault">What happens then.</param>
public sealed record PlannedFault(int After, IFault Fault);
