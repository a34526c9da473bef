namespace NotifyOrleans.Stomp;

/// <summary>Names of the headers that STOMP, RabbitMQ's Web STOMP and we give a meaning to.</summary>
public static class StompHeaderNames
{
    // CONNECT and CONNECTED
    public const string AcceptVersion = "accept-version";
    public const string Host = "host";
    public const string Login = "login";
    public const string Passcode = "passcode";
    public const string HeartBeat = "heart-beat";
    public const string Version = "version";
    public const string Session = "session";
    public const string Server = "server";

    // Any frame
    public const string ContentLength = "content-length";
    public const string ContentType = "content-type";
    public const string Receipt = "receipt";
    public const string ReceiptId = "receipt-id";
    public const string Transaction = "transaction";
    public const string Destination = "destination";

    // SUBSCRIBE, UNSUBSCRIBE, ACK, NACK
    public const string Id = "id";
    public const string Ack = "ack";
    public const string PrefetchCount = "prefetch-count";
    public const string Durable = "durable";
    public const string AutoDelete = "auto-delete";
    public const string Exclusive = "exclusive";
    public const string Requeue = "requeue";
    public const string QueueName = "x-queue-name";
    public const string DeadLetterExchange = "x-dead-letter-exchange";
    public const string DeadLetterRoutingKey = "x-dead-letter-routing-key";
    public const string Expires = "x-expires";
    public const string MaxLength = "x-max-length";
    public const string MaxLengthBytes = "x-max-length-bytes";
    public const string MaxPriority = "x-max-priority";
    public const string MessageTtl = "x-message-ttl";
    public const string QueueType = "x-queue-type";
    public const string ConsumerPriority = "x-priority";
    public const string StreamOffset = "x-stream-offset";

    // MESSAGE and ERROR
    public const string Subscription = "subscription";
    public const string MessageId = "message-id";
    public const string Redelivered = "redelivered";
    public const string Message = "message";

    /// <summary>A mailbox message's place in its shard, <c>epoch-n</c>. Ours.</summary>
    public const string Offset = "x-offset";

    /// <summary>How many messages were dropped before this one. Ours.</summary>
    public const string Dropped = "x-dropped";

    /// <summary>On a MESSAGE that was published before its subscription began: the last one of its key. Ours.</summary>
    public const string Retained = "x-retained";

    /// <summary>On an ERROR before a goodbye: milliseconds that the client is asked to wait before it connects again. Ours.</summary>
    public const string RetryAfter = "x-retry-after";

    // AMQP properties, under the names of Web STOMP
    public const string ContentEncoding = "content-encoding";
    public const string Persistent = "persistent";
    public const string Priority = "priority";
    public const string CorrelationId = "correlation-id";
    public const string ReplyTo = "reply-to";
    public const string Expiration = "expiration";
    public const string AmqpMessageId = "amqp-message-id";
    public const string Timestamp = "timestamp";
    public const string Type = "type";
    public const string UserId = "user-id";
    public const string AppId = "app-id";
}
