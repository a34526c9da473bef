using NotifyOrleans.Torture.Faults;

namespace NotifyOrleans.Torture.Reporting;

/// <param name="Fault">What happened.</param>
/// <param name="From">When, since the start of the run.</param>
/// <param name="To">When it was over.</param>
public sealed record StruckFault(IFault Fault, TimeSpan From, TimeSpan To);
