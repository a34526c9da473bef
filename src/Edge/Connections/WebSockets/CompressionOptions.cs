namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>permessage-deflate (RFC 7692): section <c>Stomp:Compression</c>.</summary>
public sealed class CompressionOptions
{
    /// <summary>
    /// Whether it is accepted when a client offers it. Default: yes. Each message is compressed by itself, so one tells nothing of another by its length
    /// (as CRIME did); whoever sends secrets and what a stranger has written in the same message turns it off.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Bytes of a frame from which on it is compressed. Default 1,024, where it begins to save half: 0.5 KiB for 11 us of CPU.</summary>
    public int MinBytes { get; set; } = 1024;
}
