using System.Text;
using NotifyOrleans.Grains.Ingress;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.DeadLetters;

/// <summary>What a dead letter says of itself, in headers, and how it becomes again what was published.</summary>
internal static class DeadLetterHeaders
{
    /// <summary>Why it is one.</summary>
    public const string Reason = Prefix + "reason";

    /// <summary>The exchange that it was published to.</summary>
    public const string Source = Prefix + "source";

    /// <summary>Names the dead letter.</summary>
    public const string Id = Prefix + "id";

    /// <summary>Since when it is one.</summary>
    public const string Time = Prefix + "time";

    /// <summary>
    /// Its properties and headers could not be kept, and its key is cut off when AMQP does not take it. Whom it was for may have stood in either.
    /// </summary>
    public const string Reduced = Prefix + "reduced";

    /// <summary>The user whose client rejected it, where the key does not say so.</summary>
    public const string Recipient = Prefix + "recipient";

    /// <summary>The user whose client rejected it, where the key says so; it may address others too.</summary>
    public const string RejectedBy = Prefix + "rejected-by";

    /// <summary>
    /// All of them begin with it. What would end a dead letter in its queue too soon, or be refused by the broker, goes on as a header with this before its name.
    /// </summary>
    private const string Prefix = "x-dead-letter-";

    private const string Expiration = Prefix + "expiration";

    private const string ReplyTo = Prefix + "reply-to";

    private const string UserId = Prefix + "user-id";

    /// <summary>What STOMP clients are shown before the name of a queue to reply to.</summary>
    private const string ReplyQueuePrefix = "/reply-queue/";

    /// <summary>What a reduced dead letter keeps: all else is its publisher's, and may be what AMQP does not take.</summary>
    public static readonly string[] Kept = [Reason, Source, Id, Time, Recipient, RejectedBy, Expiration, ReplyTo, UserId];

    /// <summary>What a dead letter says of itself. A publisher's header of such a name would say it too, and whom it is sent back to.</summary>
    public static bool IsOurs(string header) => header.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Keeps a property under a name that the broker does not heed.</summary>
    public static void AddFormer(IDictionary<string, object?> headers, string name, string? value)
    {
        if (value is not null)
            headers[Prefix + name] = value;
    }

    public static string? TextOf(IReadOnlyBasicProperties dead, string header) =>
        dead.Headers?.TryGetValue(header, out var value) is true && value is byte[] text ? Encoding.UTF8.GetString(text) : null;

    public static DateTimeOffset? TimeOf(IReadOnlyBasicProperties dead) =>
        dead.Headers?.TryGetValue(Time, out var time) is true && time is AmqpTimestamp since ? DateTimeOffset.FromUnixTimeSeconds(since.UnixTime) : null;

    /// <summary>Whether it is not what it was: sent back it could go to others than it was for, or to nobody.</summary>
    public static bool IsReduced(IReadOnlyBasicProperties dead) => dead.Headers?.TryGetValue(Reduced, out var value) is true && value is true;

    /// <summary>
    /// A dead letter as it was published before it was one. Its publisher's <c>user-id</c> stays away: the broker takes that from its owner alone.
    /// </summary>
    public static (string Exchange, BasicProperties Properties) Revive(IReadOnlyBasicProperties dead)
    {
        var headers = (dead.Headers ?? new Dictionary<string, object?>()).Where(header => !IsOurs(header.Key)).ToDictionary();
        headers[RedrivenHeader.Name] = TextOf(dead, RejectedBy) is { } user ? user : 1;
        if (TextOf(dead, Recipient) is { } recipient)
            headers[RecipientsHeader.Name] = new List<object?> { recipient };
        var properties = new BasicProperties(dead) { Headers = headers };
        if (TextOf(dead, Expiration) is { } expiration)
            properties.Expiration = expiration;
        if (TextOf(dead, ReplyTo) is { } replyTo)
            properties.ReplyTo = replyTo.StartsWith(ReplyQueuePrefix, StringComparison.Ordinal) ? replyTo[ReplyQueuePrefix.Length..] : replyTo;
        return (TextOf(dead, Source) ?? "", properties);
    }
}
