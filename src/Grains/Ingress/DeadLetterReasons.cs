namespace NotifyOrleans.Grains.Ingress;

/// <summary>Why a message is a dead letter; the value of its reason header.</summary>
public static class DeadLetterReasons
{
    /// <summary>Its client sent NACK with <c>requeue:false</c>.</summary>
    public const string Rejected = "rejected";

    /// <summary>It comes from an exchange that is no source, or addresses nobody.</summary>
    public const string Unroutable = "unroutable";

    /// <summary>A header or property cannot be understood.</summary>
    public const string Malformed = "malformed";

    /// <summary>It is larger than a STOMP frame may be.</summary>
    public const string TooLarge = "too-large";

    /// <summary>It names more users than a message may.</summary>
    public const string TooManyRecipients = "too-many-recipients";
}
