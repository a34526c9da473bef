namespace NotifyOrleans.Torture.Ledgers;

/// <summary>A promise that was broken.</summary>
/// <param name="Kind">Which promise.</param>
/// <param name="At">When, since the start of the run.</param>
/// <param name="Message">With which message.</param>
/// <param name="Details">What is known of it.</param>
public sealed record Violation(ViolationKind Kind, TimeSpan At, MessageId Message, string Details);
