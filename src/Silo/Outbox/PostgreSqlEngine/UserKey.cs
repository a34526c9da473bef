using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>Users and message ids as the tables' keys hold them.</summary>
internal static class UserKey
{
    /// <summary>Names up to this many bytes are their own key; an entry of an index must fit 2,700 bytes.</summary>
    private const int MaxPlainBytes = 255;

    /// <summary>No UTF-8 begins with it.</summary>
    private const byte HashMark = 0xFF;

    /// <summary>The user's name, or its SHA-256 behind a byte that no name begins with.</summary>
    public static byte[] Of(string user)
    {
        var name = Encoding.UTF8.GetBytes(user);
        return name.Length <= MaxPlainBytes ? name : [HashMark, .. SHA256.HashData(name)];
    }

    /// <summary>The name that its key does not show; null when it does.</summary>
    public static byte[]? LongName(string user, byte[] key) => key is [HashMark, ..] ? Encoding.UTF8.GetBytes(user) : null;

    /// <summary>The user whom a row is for.</summary>
    public static string Read(byte[] key, byte[]? longName) => Encoding.UTF8.GetString(longName ?? key);

    /// <summary>By which a user's message id is found; two ids that share one are told apart by the rows.</summary>
    public static long HashMessageId(int shard, byte[] userKey, string messageId)
    {
        var hash = new XxHash3();
        Span<byte> prefix = stackalloc byte[sizeof(int) + sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(prefix, shard);
        BinaryPrimitives.WriteInt32BigEndian(prefix[sizeof(int)..], userKey.Length);
        hash.Append(prefix);
        hash.Append(userKey);
        hash.Append(Encoding.UTF8.GetBytes(messageId));
        return (long)hash.GetCurrentHashAsUInt64();
    }
}
