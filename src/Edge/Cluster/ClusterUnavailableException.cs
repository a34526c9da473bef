namespace NotifyOrleans.Edge.Cluster;

/// <summary>No silo answers now; the same may work later.</summary>
/// <param name="message">What could not be done, as a client may be told.</param>
/// <param name="innerException">What Orleans said.</param>
internal sealed class ClusterUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
