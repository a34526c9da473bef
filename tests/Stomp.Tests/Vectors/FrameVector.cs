namespace NotifyOrleans.Stomp.Tests.Vectors;

/// <summary>A frame as the vector files write it.</summary>
public sealed record FrameVector(Wire Command, Wire[][] Headers, Wire? Body)
{
    public StompFrame Frame => new(Command.Text, [.. Headers.Select(header => new StompHeader(header[0].Text, header[1].Text))], Body?.Bytes);
}
