namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>The log has a newer writer; nothing was changed.</summary>
public sealed class StaleLogException(string log, long epoch) : Exception($"The log {log} has a newer writer; that of epoch {epoch} may change nothing.");
