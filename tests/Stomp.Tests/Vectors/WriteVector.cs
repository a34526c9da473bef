namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary>A frame and how it is written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Wire">Its bytes.</param>
/// <param name="Frame">The frame; it is what a reader makes of <paramref name="Wire"/>, too.</param>
/// <param name="Version">The session's version.</param>
/// <param name="WriteOnly">A reader makes something else of it: 1.0 has values that have no form of their own.</param>
/// <param name="Reference">Why RabbitMQ writes something else.</param>
public sealed record WriteVector(
    string Name,
    Wire Wire,
    FrameVector Frame,
    StompVersion Version = StompVersion.V12,
    bool WriteOnly = false,
    string? Reference = null
)
{
    public static readonly VectorFile<WriteVector> File = new("frames-written.json", row => row.Name);
}
