using NotifyOrleans.Stomp.Fuzz;
using NotifyOrleans.Stomp.Reading;

namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary>A stream and what a reader makes of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Wire">The stream.</param>
/// <param name="Frames">The frames in it.</param>
/// <param name="End">What it comes to after them: <c>End</c> (nothing follows), HeartBeat, NeedMore, or the fault.</param>
/// <param name="Version">The session's version.</param>
/// <param name="Limits">The limits that differ from the defaults.</param>
/// <param name="Reference">Why RabbitMQ's parser makes something else of it.</param>
public sealed record ReadVector(
    string Name,
    Wire Wire,
    FrameVector[] Frames,
    string End,
    StompVersion Version = StompVersion.V12,
    StompLimits? Limits = null,
    string? Reference = null
)
{
    public static readonly VectorFile<ReadVector> File = new("frames-read.json", row => row.Name);

    public StreamReading Expected => new([.. Frames.Select(frame => frame.Frame)], Status, Fault);

    private StompReadStatus Status =>
        End == "End" ? StompReadStatus.Frame
        : Fault != StompFault.None ? StompReadStatus.Fault
        : Enum.Parse<StompReadStatus>(End);

    private StompFault Fault => Enum.TryParse<StompFault>(End, out var fault) ? fault : StompFault.None;

    public StreamReading Read(IEnumerable<int> cuts) => StreamReading.Of(Wire.Bytes, cuts, Version, Limits ?? StompLimits.Default);
}
