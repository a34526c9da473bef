using NotifyOrleans.Torture.Publishing;

namespace NotifyOrleans.Torture.Ledgers;

/// <summary>Who gets what: all recipients, and all sequences of messages that are for them.</summary>
public sealed class Audience
{
    /// <summary>Users who get messages together, and follow one topic: enough that a message to them is written down before it is given to them.</summary>
    private const int CircleSize = 25;

    private const string Queue = "work";

    private readonly MessageSequence[][] _own;
    private readonly MessageSequence[] _shared;

    /// <param name="ledger">Where recipients count.</param>
    /// <param name="users">How many users.</param>
    /// <param name="keysPerUser">Routing keys of each, and of each topic.</param>
    /// <param name="messages">Messages in all, about.</param>
    /// <param name="spare">How many more of each sequence there is room for, for checks at the end.</param>
    internal Audience(Ledger ledger, int users, int keysPerUser, int messages, int spare)
    {
        var keys = Enumerable.Range(0, keysPerUser).ToArray();
        var circles = Enumerable.Range(0, users).Chunk(CircleSize).ToArray();
        MessagesPerSequence = messages / (keysPerUser * users + circles.Length * (2 + keysPerUser));
        Users =
        [
            .. Enumerable
                .Range(0, users)
                .Select(user => Recipient($"u{user}", $"user.u{user}", [.. keys.Select(key => $"u{user}-{key}"), Many(CircleOf(user))])),
        ];
        Followers =
        [
            .. Enumerable
                .Range(0, users)
                .Select(user => Recipient($"u{user}'s topic", TopicOf(user), [.. keys.Select(key => $"{TopicOf(user)}-{key}")], isDurable: true)),
        ];
        Workers = new RecipientLedger(ledger, "queue", $"/queue/{Queue}", [.. circles.Select((_, circle) => $"{Queue}{circle}")], MessagesPerSequence + spare)
        {
            IsShared = true,
        };
        _own = [.. keys.Select(key => Users.Select(user => new MessageSequence($"{user.Name}-{key}", $"user.{user.Name}.k{key}", [user])).ToArray())];
        _shared = [.. circles.SelectMany((circle, index) => SharedBy(circle, index, keys))];

        RecipientLedger Recipient(string name, string key, string[] sequences, bool isDurable = false) =>
            new(ledger, name, $"/exchange/{ServiceConnection.Source}/{key}.#", sequences, MessagesPerSequence + spare) { IsDurable = isDurable };
    }

    /// <summary>The users, each with all of his devices.</summary>
    public IReadOnlyList<RecipientLedger> Users { get; }

    /// <summary>Durable subscriptions to topics: one of each user, in the order of users.</summary>
    public IReadOnlyList<RecipientLedger> Followers { get; }

    /// <summary>Those who share a queue of the broker.</summary>
    public RecipientLedger Workers { get; }

    public IEnumerable<RecipientLedger> Recipients => [.. Users, .. Followers, Workers];

    public int MessagesPerSequence { get; }

    public IEnumerable<MessageSequence> Sequences => [.. _own.SelectMany(sequences => sequences), .. _shared];

    /// <summary>A sequence of each user that is for him alone.</summary>
    public IEnumerable<MessageSequence> OneOfEachUser => _own[0];

    private static int CircleOf(int user) => user / CircleSize;

    private static string Many(int circle) => $"many{circle}";

    private static string TopicOf(int user) => $"topic.t{CircleOf(user)}";

    /// <summary>A circle's: one sequence by the names of its users, those of its topic, and one of the queue's.</summary>
    private IEnumerable<MessageSequence> SharedBy(int[] circle, int index, int[] keys)
    {
        var members = circle.Select(user => Users[user]).ToArray();
        yield return new MessageSequence(Many(index), $"many.{index}", members) { Named = [.. members.Select(member => member.Name)] };
        var topic = TopicOf(circle[0]);
        foreach (var key in keys)
            yield return new MessageSequence($"{topic}-{key}", $"{topic}.k{key}", [.. circle.Select(user => Followers[user])]);
        yield return new MessageSequence($"{Queue}{index}", Queue, [Workers]) { Exchange = "" };
    }
}
