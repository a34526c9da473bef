namespace NotifyOrleans.Stomp.Reading;

/// <summary>What a reader accepts. Each limit faults as soon as it is exceeded, before the frame is whole.</summary>
public sealed record StompLimits
{
    /// <summary>The defaults, for sessions that have logged in.</summary>
    public static readonly StompLimits Default = new();

    /// <summary>Before login: 64 KiB a frame, as RabbitMQ 4.3; a CONNECT with a token of many roles is some KiB.</summary>
    public static readonly StompLimits BeforeLogin = new() { MaxFrameBytes = 64 * 1024 };

    /// <summary>
    /// Bytes of a frame from its command to its NUL, both included. Default 4 MiB, RabbitMQ's <c>stomp.max_frame_size</c>.
    /// It bounds the memory of a connection: about twice this, while a frame is under way.
    /// </summary>
    public int MaxFrameBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Header lines of a frame, repeated ones counted. Default 100, as RabbitMQ 4.3; clients send 5 to 15.</summary>
    public int MaxHeaders { get; init; } = 100;

    /// <summary>Bytes of a header line before its LF. Default 16 KiB: a token as passcode fits, a body hidden in a header does not.</summary>
    public int MaxHeaderLineBytes { get; init; } = 16 * 1024;

    /// <summary>Bytes of a command line before its LF. Default 32, as RabbitMQ; the longest command, UNSUBSCRIBE, has 11.</summary>
    public int MaxCommandBytes { get; init; } = 32;
}
