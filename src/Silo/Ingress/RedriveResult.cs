namespace NotifyOrleans.Silo.Ingress;

/// <param name="Redriven">How many dead letters were sent back.</param>
/// <param name="Fault">Why it ended before its time; null when it did not.</param>
internal sealed record RedriveResult(int Redriven, string? Fault);
