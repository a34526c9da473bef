using System.Collections.Frozen;

namespace NotifyOrleans.Silo.Outbox.Rows;

/// <summary>
/// Numbers for the header names that nearly every message has: 10 to 20 bytes a name less in each row. Stored rows hold the numbers, so names are only ever
/// added, at the end.
/// </summary>
internal static class HeaderNames
{
    /// <summary>Its value is not written when it is the message id, which the row holds already.</summary>
    public const string MessageId = "amqp-message-id";

    /// <summary>A name that has no number follows as text.</summary>
    private const int Other = 0;

    private static readonly string[] Numbered =
    [
        "",
        MessageId,
        "content-type",
        "content-encoding",
        "priority",
        "correlation-id",
        "reply-to",
        "expiration",
        "timestamp",
        "type",
        "user-id",
        "app-id",
        "cluster-id",
        "persistent",
        "content-length",
    ];

    private static readonly FrozenDictionary<string, int> Numbers = Numbered
        .Select((name, number) => (name, number))
        .Skip(1)
        .ToFrozenDictionary(each => each.name, each => each.number);

    /// <summary>The number, or 0 for a name that has none.</summary>
    public static int NumberOf(string name) => Numbers.GetValueOrDefault(name, Other);

    /// <summary>The name; null for 0.</summary>
    /// <exception cref="InvalidDataException">No name has this number.</exception>
    public static string? NameOf(long number) =>
        number switch
        {
            Other => null,
            > 0 when number < Numbered.Length => Numbered[number],
            _ => throw new InvalidDataException($"no header has the number {number}"),
        };
}
