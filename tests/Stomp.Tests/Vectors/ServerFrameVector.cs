namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary>A CONNECTED, RECEIPT or ERROR, as <paramref name="Kind"/> says, and how it is written.</summary>
public sealed record ServerFrameVector(
    string Name,
    string Kind,
    Wire Wire,
    string? Server = null,
    string? Session = null,
    string? HeartBeat = null,
    string? ReceiptId = null,
    string? Message = null,
    string? Body = null,
    string? Subscription = null,
    StompVersion Version = StompVersion.V12
)
{
    public static readonly VectorFile<ServerFrameVector> File = new("server-frames-written.json", row => row.Name);
}
