namespace NotifyOrleans.Grains.Outbox;

/// <summary>A durable subscription of a user to his own messages: a mailbox of its own beside his, for one device.</summary>
/// <param name="User">The user.</param>
/// <param name="Name">Names it among the user's: stands for the exchange, the pattern, and the id that the client gave it.</param>
/// <param name="Exchange">The source exchange that it takes from.</param>
/// <param name="Pattern">The topic pattern that messages are matched against.</param>
/// <param name="SeenAt">When a session had it last, in milliseconds since the Unix epoch.</param>
public sealed record DurableMailbox(string User, string Name, string Exchange, string Pattern, long SeenAt);
