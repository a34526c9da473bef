namespace NotifyOrleans.Hosting.Configuration;

/// <summary>The node cannot run as it is told to; the message says why, and is all that an operator is shown.</summary>
public sealed class StartRefusedException(string message) : Exception(message);
