namespace NotifyOrleans.Torture.Ledgers;

/// <summary>The promises that a run checks with each message, besides that none is lost.</summary>
public enum ViolationKind
{
    /// <summary>Within a session and a routing key a lower number came after a higher one, and it had not come before.</summary>
    OutOfOrder,

    /// <summary>First offers of a subscription did not rise in <c>x-offset</c>.</summary>
    OffsetNotRising,

    /// <summary>A message that the user had before came again and did not say so.</summary>
    UnflaggedRepeat,

    /// <summary>A message of another user, or one that nobody published.</summary>
    Foreign,
}
