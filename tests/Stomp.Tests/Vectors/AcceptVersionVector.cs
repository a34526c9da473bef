namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary>An <c>accept-version</c> header, or none, and the version that it gets, or none.</summary>
public sealed record AcceptVersionVector(string? Header, string? Version)
{
    public static readonly VectorFile<AcceptVersionVector> File = new("accept-version.json", row => row.Header ?? "absent");
}
