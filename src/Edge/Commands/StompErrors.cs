using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Stomp.Reading;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Commands;

/// <summary>
/// Every ERROR that a command can have, with the texts of RabbitMQ's Web STOMP where it has one. Authentication, authorisation and framing close the
/// connection, and so does a SUBSCRIBE that would leave its client deaf; the rest is harmless. The table for readers is in docs/protocol/stomp.md.
/// </summary>
internal static class StompErrors
{
    // --- Is it a frame ---------------------------------------------------------------------------------------------------------------------------
    public static StompError NoFrame(StompFault fault, StompLimits limits)
    {
        var (message, body) = StompFaultText.Of(fault, limits);
        var isTooLarge = fault is StompFault.FrameTooLarge or StompFault.HeaderLineTooLong or StompFault.TooManyHeaders or StompFault.CommandTooLong;
        return new StompError(message, body, isTooLarge ? CloseReasons.FrameTooLarge : CloseReasons.MalformedFrame);
    }

    // --- Who is it -------------------------------------------------------------------------------------------------------------------------------
    public static StompError VersionMismatch() => new("Version mismatch", "Supported versions are 1.0,1.1,1.2\n", CloseReasons.VersionMismatch);

    public static StompError NotLoggedIn() => new("Illegal command", "You must log in using CONNECT first", CloseReasons.BadCommand);

    public static StompError AlreadyLoggedIn() => new("Illegal command", "This connection is logged in already\n", CloseReasons.BadCommand);

    public static StompError MissingPasscode() => new("Bad CONNECT", "Missing login or passcode header(s)\n", CloseReasons.LoginRefused);

    public static StompError LoginRefused(string login) => new("Bad CONNECT", $"Access refused for user '{login}'\n", CloseReasons.LoginRefused);

    public static StompError VhostRefused(string vhost) => new("Bad CONNECT", $"Virtual host '{vhost}' access denied", CloseReasons.LoginRefused);

    public static StompError BadHeartBeat() => new("Processing error", "Processing error", CloseReasons.BadCommand);

    public static StompError LoginTimeout() => new("Login timeout", "No CONNECT was accepted in time\n", CloseReasons.LoginTimeout);

    public static StompError TokenExpired() =>
        new("Credential expired", "The credential used to authenticate this connection has expired\n", CloseReasons.TokenExpired);

    public static StompError TokenRevoked() =>
        new("Credential revoked", "The credential used to authenticate this connection has been revoked\n", CloseReasons.TokenRevoked);

    /// <summary>Wrong token, or another user's: which of them is not told.</summary>
    public static StompError RefreshRefused() => new("Bad token", "The new token was refused\n", CloseReasons.LoginRefused);

    // --- May he --------------------------------------------------------------------------------------------------------------------------------
    public static StompError TopicReadRefused(string pattern, string exchange, string vhost, string user) =>
        AccessRefused($"access to topic '{pattern}' in exchange '{exchange}' in vhost '{vhost}' refused for user '{user}'");

    public static StompError TopicWriteRefused(string key, string exchange, string vhost, string user) =>
        AccessRefused($"ACCESS_REFUSED - access to topic '{key}' in exchange '{exchange}' in vhost '{vhost}' refused for user '{user}'");

    public static StompError ExchangeRefused(string exchange, string vhost, string user) =>
        AccessRefused($"ACCESS_REFUSED - access to exchange '{exchange}' in vhost '{vhost}' refused for user '{user}'");

    public static StompError QueueRefused(string queue, string vhost, string user) =>
        AccessRefused($"ACCESS_REFUSED - access to queue '{queue}' in vhost '{vhost}' refused for user '{user}'");

    public static StompError VhostWithdrawn(string vhost, string user) =>
        AccessRefused($"ACCESS_REFUSED - access to vhost '{vhost}' refused for user '{user}'");

    public static StompError ForeignUserId(string userId, string user) =>
        new(
            "precondition_failed",
            $"PRECONDITION_FAILED - user_id property set to '{userId}' but authenticated user was '{user}'\n",
            CloseReasons.AccessRefused
        );

    // --- Is it there ---------------------------------------------------------------------------------------------------------------------------
    public static StompError MissingDestination(string command) => new("Missing destination", $"\"{command}\" must include a 'destination' header\n");

    public static StompError UnknownDestination(string destination) =>
        new(
            "Unknown destination",
            $"'{destination}' is not a valid destination.\n"
                + "Valid destination types are: /temp-queue, /exchange, /topic, /queue, /amq/queue, /reply-queue/.\n"
        );

    public static StompError InvalidDestination(string content, string type) => new("Invalid destination", $"'{content}' is not a valid {type} destination\n");

    /// <summary>AMQP has one byte for the length of a name.</summary>
    public static StompError TooLongDestination() => new("Invalid destination", "An exchange, queue or routing key has at most 255 bytes\n");

    public static StompError InvalidDestinationFor(string destination, string command) =>
        new("Invalid destination", $"'{destination}' is not a valid destination for '{command}'\n");

    /// <param name="brokerText">What the broker said, such as <c>NOT_FOUND - no exchange 'nope' in vhost '/'</c>.</param>
    public static StompError NotFound(string brokerText) => new("not_found", $"{brokerText}\n", CloseReasons.NotFound);

    public static StompError AccessRefused(string text) => new("access_refused", $"{text}\n", CloseReasons.AccessRefused);

    /// <param name="brokerText">What the broker said, such as <c>PRECONDITION_FAILED - message size 5 is larger than configured max size 4</c>.</param>
    public static StompError Precondition(string brokerText) => new("precondition_failed", $"{brokerText}\n", CloseReasons.LimitExceeded);

    /// <summary>What the broker has against a queue, in its own words.</summary>
    public static StompError Refused(QueueRefusal refusal) =>
        refusal.Code switch
        {
            Constants.NotFound => NotFound(refusal.Text),
            Constants.AccessRefused => AccessRefused(refusal.Text),
            Constants.ResourceLocked => new("resource_locked", $"{refusal.Text}\n", CloseReasons.Conflict),
            _ => new("precondition_failed", $"{refusal.Text}\n", CloseReasons.Conflict),
        };

    /// <summary>It stays open, as in the reference: other subscriptions go on.</summary>
    public static StompError SubscriptionCancelled(SubscriptionId id) =>
        new("Server cancelled subscription", $"The server has canceled a subscription.\nNo more messages will be delivered for \"{id.Description}\".\n")
        {
            Subscription = id.Shown,
        };

    // --- Is it right ---------------------------------------------------------------------------------------------------------------------------
    public static StompError BadCommand(string command) => new("Bad command", $"Could not interpret command \"{command}\"\n", CloseReasons.BadCommand);

    /// <summary>A header with a value that cannot be. The reference says no more either.</summary>
    public static StompError Processing() => new("Processing error", "Processing error");

    public static StompError DuplicateSubscription(string tag) =>
        new("Duplicated subscription identifier", $"A subscription identified by '{tag}' already exists.", CloseReasons.DuplicateSubscription);

    public static StompError DurableWithoutId() => new("Missing Header", "Header 'id' is required for durable subscriptions");

    public static StompError MissingSubscriptionId() => new("Missing destination or id", "UNSUBSCRIBE must include a 'destination' or 'id' header");

    public static StompError ReservedSubscriptionId() => new("Invalid id", "UNSUBSCRIBE 'id' may not start with /temp-queue/\n");

    public static StompError TooLongSubscriptionId() => new("Invalid id", $"SUBSCRIBE 'id' has at most {SubscriptionId.MaxBytes} bytes\n");

    public static StompError UnknownSubscription(string description) =>
        new("No subscription found", $"UNSUBSCRIBE must refer to an existing subscription.\nSubscription to \"{description}\" not found.\n");

    public static StompError HeaderNotAllowed(string header, string command) => new("Invalid header", $"'{header}' is not allowed on '{command}'.\n");

    public static StompError MissingAckId(string command, string header) => new("Missing header", $"\"{command}\" must include the \"{header}\" header\n");

    public static StompError InvalidAckId(string command, string header) => new("Invalid header", $"\"{command}\" must include a valid \"{header}\" header\n");

    public static StompError UnknownMessage(long number) => new("Message not found", $"unknown delivery tag {number}\n");

    public static StompError MissingTransaction(string command) => new("Missing transaction", $"\"{command}\" must include a 'transaction' header\n");

    public static StompError UnknownTransaction(string transaction) => new("Bad transaction", $"Invalid transaction identifier: \"{transaction}\"\n");

    public static StompError TooManyDurables() => LimitExceeded("There are too many durable subscriptions of this user");

    public static StompError LimitExceeded(string what) => new("Limit exceeded", $"{what}\n", CloseReasons.LimitExceeded);

    /// <summary>All headers of a message are one frame of AMQP.</summary>
    public static StompError TooLargeHeaders(uint maxFrameBytes) => LimitExceeded($"The broker takes headers of at most {maxFrameBytes} bytes in all");

    // --- Can we --------------------------------------------------------------------------------------------------------------------------------
    public static StompError Unavailable(string what) => new("Service unavailable", $"{what}; try again\n", CloseReasons.Unavailable);

    public static StompError NotConfirmed() => new("Message refused", "The broker did not take the message\n");

    public static StompError HeartBeatLost() => new("No heart-beat", "Nothing came for three times the agreed time\n", CloseReasons.HeartBeatLost);

    public static StompError NotReading() => new("Not reading", "Nothing of what was sent was read in time\n", CloseReasons.NotReading);

    /// <param name="retryAfter">When, at the earliest, the client shall connect again.</param>
    public static StompError Shutdown(TimeSpan retryAfter)
    {
        var milliseconds = (int)retryAfter.TotalMilliseconds;
        var text = $"connect again in {milliseconds} ms";
        return new("Server shutting down", $"{text}\n", CloseReasons.Shutdown with { Text = $"{CloseReasons.Shutdown.Text}; {text}" })
        {
            RetryAfter = milliseconds,
        };
    }

    public static StompError Internal() => new("Processing error", "Processing error", CloseReasons.InternalError);
}
