namespace NotifyOrleans.Stomp;

/// <summary>A version of STOMP, in rising order.</summary>
public enum StompVersion
{
    /// <summary>STOMP 1.0: no escapes in what is written, leading blanks of values are trimmed in what is read.</summary>
    V10,

    /// <summary>STOMP 1.1.</summary>
    V11,

    /// <summary>STOMP 1.2: <c>ack</c> headers, CR LF line ends.</summary>
    V12,
}
