namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary>A MESSAGE for one subscription and how it is written.</summary>
public sealed record MessageVector(
    string Name,
    Wire Wire,
    string MessageId,
    string Destination,
    string? Subscription = null,
    bool Redelivered = false,
    bool Ack = false,
    string? Offset = null,
    long Dropped = 0,
    string[][]? Headers = null,
    Wire? Body = null,
    bool Binary = false,
    StompVersion Version = StompVersion.V12
)
{
    public static readonly VectorFile<MessageVector> File = new("messages-written.json", row => row.Name);
}
