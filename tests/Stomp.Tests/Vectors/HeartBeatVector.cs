namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary>A client's <c>heart-beat</c> header, or none, and the server's answer, or null where it is malformed.</summary>
public sealed record HeartBeatVector(string? Header, string? Answer, string? Reference = null)
{
    public static readonly VectorFile<HeartBeatVector> File = new("heart-beat.json", row => row.Header ?? "absent");
}
