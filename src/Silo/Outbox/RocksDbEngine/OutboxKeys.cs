using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>
/// Keys of the database, by kind (see docs/decisions/0005-outbox-rocksdb.md):
/// <code>
/// 00                                          format version of the whole database
/// 01 shard                                    epoch of a shard
/// 02 shard user epoch number                  row
/// 03 shard user                               tally
/// 04 hash(shard user message-id) epoch number message-id index; the row itself says whether it is the one
/// 05 time shard user epoch number             expiry index
/// 06 time shard user                          notice index: when it is to be told that messages wait
/// 07 shard user name                          durable subscription
/// </code>
/// Numbers are big-endian: shard 2 bytes, all others 8. A user is UTF-8 behind its length (1 byte, or 255 and 4 bytes), so no user's range holds another's.
/// </summary>
internal static class OutboxKeys
{
    /// <summary>Kind and hash: what the filters of the message-id index are made of.</summary>
    public const int PrefixLength = 9;

    private const byte EpochKind = 1;
    private const byte RowKind = 2;
    private const byte TallyKind = 3;
    private const byte MessageIdKind = 4;
    private const byte ExpiryKind = 5;
    private const byte NoticeKind = 6;
    private const byte DurableKind = 7;

    private const byte LongUser = 255;
    private const int PlaceLength = 16;

    // Where the parts of an index' key begin.
    private const int TimeAt = 1;
    private const int ShardAt = TimeAt + sizeof(long);
    private const int LengthAt = ShardAt + sizeof(short);

    public static ReadOnlySpan<byte> Format => [0];

    /// <summary>Before the first entry of the expiry index.</summary>
    public static ReadOnlySpan<byte> ExpiryStart => [ExpiryKind];

    public static ReadOnlySpan<byte> Epoch(ArrayBufferWriter<byte> buffer, int shard)
    {
        Start(buffer, EpochKind);
        buffer.WriteUInt16((ushort)shard);
        return buffer.WrittenSpan;
    }

    public static ReadOnlySpan<byte> Row(ArrayBufferWriter<byte> buffer, int shard, string user, Place place)
    {
        Start(buffer, RowKind);
        WriteUser(buffer, shard, user);
        WritePlace(buffer, place);
        return buffer.WrittenSpan;
    }

    /// <summary>Behind the last row that the user could have.</summary>
    public static byte[] RowsEnd(ArrayBufferWriter<byte> buffer, int shard, string user) => [.. Row(buffer, shard, user, new Place(-1, -1)), 0];

    public static ReadOnlySpan<byte> Tally(ArrayBufferWriter<byte> buffer, int shard, string user)
    {
        Start(buffer, TallyKind);
        WriteUser(buffer, shard, user);
        return buffer.WrittenSpan;
    }

    public static ReadOnlySpan<byte> MessageId(ArrayBufferWriter<byte> buffer, int shard, string user, string messageId, Place place)
    {
        WriteMessageIdPrefix(buffer, shard, user, messageId);
        WritePlace(buffer, place);
        return buffer.WrittenSpan;
    }

    /// <summary>What all index entries of a message id start with; entries of another id can start so too, very rarely.</summary>
    public static ReadOnlySpan<byte> MessageIdPrefix(ArrayBufferWriter<byte> buffer, int shard, string user, string messageId)
    {
        WriteMessageIdPrefix(buffer, shard, user, messageId);
        return buffer.WrittenSpan;
    }

    public static ReadOnlySpan<byte> Expiry(ArrayBufferWriter<byte> buffer, int shard, in ExpiryEntry entry)
    {
        Start(buffer, ExpiryKind);
        buffer.WriteUInt64((ulong)entry.ExpiresAt);
        WriteUser(buffer, shard, entry.User);
        WritePlace(buffer, entry.Place);
        return buffer.WrittenSpan;
    }

    /// <summary>Behind the last entry of the expiry index with this time.</summary>
    public static byte[] ExpiryEnd(ArrayBufferWriter<byte> buffer, long time)
    {
        Start(buffer, ExpiryKind);
        buffer.WriteUInt64((ulong)time + 1);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Before the first entry of the notice index.</summary>
    public static ReadOnlySpan<byte> NoticeStart => [NoticeKind];

    public static ReadOnlySpan<byte> Notice(ArrayBufferWriter<byte> buffer, int shard, in NoticeEntry entry)
    {
        Start(buffer, NoticeKind);
        buffer.WriteUInt64((ulong)entry.At);
        WriteUser(buffer, shard, entry.User);
        return buffer.WrittenSpan;
    }

    /// <summary>Behind the last entry of the notice index with this time.</summary>
    public static byte[] NoticeEnd(ArrayBufferWriter<byte> buffer, long time)
    {
        Start(buffer, NoticeKind);
        buffer.WriteUInt64((ulong)time + 1);
        return buffer.WrittenSpan.ToArray();
    }

    public static (int Shard, NoticeEntry Entry) ReadNotice(ReadOnlySpan<byte> key) =>
        (
            BinaryPrimitives.ReadUInt16BigEndian(key[ShardAt..]),
            new NoticeEntry((long)BinaryPrimitives.ReadUInt64BigEndian(key[TimeAt..]), Encoding.UTF8.GetString(key[UserAt(key)..]))
        );

    public static ReadOnlySpan<byte> Durable(ArrayBufferWriter<byte> buffer, int shard, string user, string name)
    {
        Start(buffer, DurableKind);
        WriteUser(buffer, shard, user);
        Encoding.UTF8.GetBytes(name, buffer);
        return buffer.WrittenSpan;
    }

    /// <summary>Before the first durable subscription of the shard; of the next one, behind the last.</summary>
    public static byte[] DurablesStart(ArrayBufferWriter<byte> buffer, int shard)
    {
        Start(buffer, DurableKind);
        buffer.WriteUInt16((ushort)shard);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The place that a row's or an index entry's key ends with.</summary>
    public static Place PlaceOf(ReadOnlySpan<byte> key) =>
        new((long)BinaryPrimitives.ReadUInt64BigEndian(key[^PlaceLength..]), (long)BinaryPrimitives.ReadUInt64BigEndian(key[^(PlaceLength / 2)..]));

    public static (int Shard, ExpiryEntry Entry) ReadExpiry(ReadOnlySpan<byte> key)
    {
        return (
            BinaryPrimitives.ReadUInt16BigEndian(key[ShardAt..]),
            new ExpiryEntry((long)BinaryPrimitives.ReadUInt64BigEndian(key[TimeAt..]), Encoding.UTF8.GetString(key[UserAt(key)..^PlaceLength]), PlaceOf(key))
        );
    }

    private static int UserAt(ReadOnlySpan<byte> indexKey) => LengthAt + (indexKey[LengthAt] == LongUser ? 1 + sizeof(int) : 1);

    private static void Start(ArrayBufferWriter<byte> buffer, byte kind)
    {
        buffer.ResetWrittenCount();
        buffer.WriteByte(kind);
    }

    private static void WriteUser(ArrayBufferWriter<byte> buffer, int shard, string user)
    {
        buffer.WriteUInt16((ushort)shard);
        var length = Encoding.UTF8.GetByteCount(user);
        if (length < LongUser)
        {
            buffer.WriteByte((byte)length);
        }
        else
        {
            buffer.WriteByte(LongUser);
            BinaryPrimitives.WriteInt32BigEndian(buffer.GetSpan(sizeof(int)), length);
            buffer.Advance(sizeof(int));
        }
        Encoding.UTF8.GetBytes(user, buffer);
    }

    private static void WritePlace(ArrayBufferWriter<byte> buffer, Place place)
    {
        buffer.WriteUInt64((ulong)place.Epoch);
        buffer.WriteUInt64((ulong)place.Number);
    }

    private static void WriteMessageIdPrefix(ArrayBufferWriter<byte> buffer, int shard, string user, string messageId)
    {
        Start(buffer, MessageIdKind);
        WriteUser(buffer, shard, user);
        Encoding.UTF8.GetBytes(messageId, buffer);
        var hash = XxHash3.HashToUInt64(buffer.WrittenSpan);
        Start(buffer, MessageIdKind);
        buffer.WriteUInt64(hash);
    }
}
