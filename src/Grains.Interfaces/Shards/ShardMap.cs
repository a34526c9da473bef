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

    /// <summary>The shard, 0 to 1023, of a user or of one of his mailboxes: XxHash32 of the id's UTF-8 bytes.</summary>
    public static int ShardOf(string mailbox) => (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(MailboxKey.UserOf(mailbox))) % Shards);
}
