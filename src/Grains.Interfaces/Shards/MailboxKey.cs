using System.Buffers.Text;
using System.IO.Hashing;
using System.Text;

namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <summary>
/// Names mailboxes. A user's own is named by his id; a durable subscription has one of its own beside it, in the same shard. Whatever keeps a mailbox (lanes,
/// grains, rows) has its key where others have the user's id.
/// </summary>
public static class MailboxKey
{
    /// <summary>A control character: no user's id has one.</summary>
    private const char Separator = '\u001f';

    /// <summary>The key of a durable subscription's mailbox.</summary>
    /// <param name="user">The user.</param>
    /// <param name="name">The subscription's name, of <see cref="NameOf"/>.</param>
    public static string OfDurable(string user, string name) => $"{user}{Separator}{name}";

    /// <summary>
    /// The name of a durable subscription among its user's: 22 characters that stand for all three. The same id to another destination is another subscription,
    /// as in RabbitMQ.
    /// </summary>
    public static string NameOf(string exchange, string pattern, string id) =>
        Base64Url.EncodeToString(XxHash128.Hash(Encoding.UTF8.GetBytes($"{exchange}{Separator}{pattern}{Separator}{id}")));

    /// <summary>The name in a durable subscription's key.</summary>
    public static string DurableNameOf(string mailbox) => mailbox[(mailbox.IndexOf(Separator, StringComparison.Ordinal) + 1)..];

    public static bool IsDurable(string mailbox) => mailbox.Contains(Separator, StringComparison.Ordinal);

    /// <summary>Whose mailbox it is.</summary>
    public static string UserOf(string mailbox) => mailbox.IndexOf(Separator, StringComparison.Ordinal) is >= 0 and var end ? mailbox[..end] : mailbox;
}
