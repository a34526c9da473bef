namespace NotifyOrleans.Stomp.Reading;

/// <summary>The ERROR frame of each fault: its <c>message</c> header and its body. RabbitMQ sends none and just closes.</summary>
public static class StompFaultText
{
    /// <summary>The <c>message</c> header and the body of the ERROR that tells a client of a fault.</summary>
    public static (string Message, string Body) Of(StompFault fault, StompLimits limits) =>
        fault switch
        {
            StompFault.BareCarriageReturn => ("Malformed frame", "A carriage return must be followed by a line feed\n"),
            StompFault.HeaderWithoutColon => ("Malformed frame", "A header line must have a colon\n"),
            StompFault.BadEscape => ("Malformed frame", "Undefined escape sequence in a header\n"),
            StompFault.InvalidUtf8 => ("Malformed frame", "Command and headers must be UTF-8\n"),
            StompFault.BadContentLength => ("Malformed frame", "The content-length header must be a whole number\n"),
            StompFault.BodyNotTerminated => ("Malformed frame", "No NUL after the body of the announced content-length\n"),
            StompFault.CommandTooLong => ("Command too long", $"At most {limits.MaxCommandBytes} bytes are accepted\n"),
            StompFault.HeaderLineTooLong => ("Header line too long", $"At most {limits.MaxHeaderLineBytes} bytes are accepted\n"),
            StompFault.TooManyHeaders => ("Too many headers", $"At most {limits.MaxHeaders} headers are accepted\n"),
            StompFault.FrameTooLarge => ("Frame too large", $"At most {limits.MaxFrameBytes} bytes are accepted\n"),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "Not a fault."),
        };
}
