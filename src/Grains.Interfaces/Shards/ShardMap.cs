using System.IO.Hashing;
using System.Text;

namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <summary>Which shard a user belongs to.</summary>
public static class ShardMap
{
    /// <summary>
    /// Stored rows are kept under the shard's number, so it is never changed: large enough to spread over many silos,
    /// small enough that every shard's epoch is cheap to keep.
    /// </summary>
    public const int Shards = 1024;

    // Ids are AMQP's short strings at most, 255 bytes.
    private const int MaxStackChars = 255;

    /// <summary>The shard, 0 to 1023, of a user or of one of his mailboxes: XxHash32 of the id's UTF-8 bytes.</summary>
    public static int ShardOf(string mailbox)
    {
        var user = MailboxKey.UserOf(mailbox).AsSpan();
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(MaxStackChars)];
        if (user.Length > MaxStackChars)
            bytes = new byte[Encoding.UTF8.GetByteCount(user)];
        return (int)(XxHash32.HashToUInt32(bytes[..Encoding.UTF8.GetBytes(user, bytes)]) % Shards);
    }
}
