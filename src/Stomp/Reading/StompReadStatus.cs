namespace NotifyOrleans.Stomp.Reading;

/// <summary>What a read found.</summary>
public enum StompReadStatus
{
    /// <summary>All input is consumed and a frame (or a CR LF) is under way; feed more.</summary>
    NeedMore,

    /// <summary>A frame; read on, there may be more input.</summary>
    Frame,

    /// <summary>All input is consumed, it held line ends only, and no frame is under way.</summary>
    HeartBeat,

    /// <summary>The stream is broken for good, see <see cref="StompFrameReader.Fault"/>: say ERROR and close.</summary>
    Fault,
}
