using NotifyOrleans.Edge.Connections.Goodbyes;

namespace NotifyOrleans.Edge.Connections;

/// <summary>The connection cannot be used any more.</summary>
/// <param name="reason">What it is in <see cref="CloseReasons"/>.</param>
/// <param name="innerException">What the network said.</param>
internal sealed class TransportException(CloseReason reason, Exception innerException) : Exception(innerException.Message, innerException)
{
    public CloseReason Reason => reason;
}
