namespace NotifyOrleans.Silo.DeadLetters;

/// <param name="Redriven">How many dead letters were sent back.</param>
/// <param name="Reduced">How many were left, as they are reduced: who they were for cannot be told any more.</param>
/// <param name="Fault">Why it ended before its time; null when it did not.</param>
internal sealed record RedriveResult(int Redriven, int Reduced, string? Fault);
