namespace NotifyOrleans.Stomp.Writing;

/// <summary>The headers of a MESSAGE that differ from subscription to subscription.</summary>
public readonly ref struct StompMessageHead
{
    /// <summary>The id of the SUBSCRIBE; null when it had none.</summary>
    public required string? Subscription { get; init; }

    /// <summary>Unique in the session, without <c>: \ CR LF</c> and outer blanks: some clients neither decode it nor keep the blanks.</summary>
    public required ReadOnlySpan<char> MessageId { get; init; }

    /// <summary>Whether it may have been delivered before.</summary>
    public required bool Redelivered { get; init; }

    /// <summary>Whether to write <c>ack</c>, with the value of <see cref="MessageId"/>: in 1.2, on subscriptions that must acknowledge.</summary>
    public bool Ack { get; init; }

    /// <summary><c>x-offset</c>; empty when it has none.</summary>
    public ReadOnlySpan<char> Offset { get; init; }

    /// <summary><c>x-dropped</c>, how many messages were dropped before this one; not written when 0.</summary>
    public long Dropped { get; init; }
}
