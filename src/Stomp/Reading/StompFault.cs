namespace NotifyOrleans.Stomp.Reading;

/// <summary>Why bytes are not a frame. What the client is told: <see cref="StompFaultText"/>.</summary>
public enum StompFault
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>A CR that no LF follows, between frames, in a command or in a header.</summary>
    BareCarriageReturn,

    /// <summary>A header line without a colon.</summary>
    HeaderWithoutColon,

    /// <summary>A backslash that none of <c>n r c \</c> follows.</summary>
    BadEscape,

    /// <summary>A command or header that is not UTF-8.</summary>
    InvalidUtf8,

    /// <summary>A <c>content-length</c> that is not a whole number from 0.</summary>
    BadContentLength,

    /// <summary>No NUL where <c>content-length</c> says that the body ends.</summary>
    BodyNotTerminated,

    /// <summary>Over <see cref="StompLimits.MaxCommandBytes"/>.</summary>
    CommandTooLong,

    /// <summary>Over <see cref="StompLimits.MaxHeaderLineBytes"/>.</summary>
    HeaderLineTooLong,

    /// <summary>Over <see cref="StompLimits.MaxHeaders"/>.</summary>
    TooManyHeaders,

    /// <summary>Over <see cref="StompLimits.MaxFrameBytes"/>, already there or announced by <c>content-length</c>.</summary>
    FrameTooLarge,
}
