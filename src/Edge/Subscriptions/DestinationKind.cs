namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>The forms of destinations.</summary>
internal enum DestinationKind
{
    /// <summary><c>/exchange/NAME[/KEY]</c>, and <c>/topic/KEY</c> for the default topic exchange.</summary>
    Exchange,

    /// <summary><c>/queue/NAME</c>, or a plain name.</summary>
    Queue,

    /// <summary><c>/amq/queue/NAME</c>: a queue that somebody else has declared.</summary>
    AmqQueue,

    /// <summary><c>/temp-queue/NAME</c>, only good for <c>reply-to</c>.</summary>
    TempQueue,

    /// <summary><c>/reply-queue/NAME</c>: where a request wants its answer.</summary>
    ReplyQueue,
}
