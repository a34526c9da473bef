using System.Buffers;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Outbox.Rows;

/// <summary>
/// A row's value: version (1 byte), flags (1 byte), then stored-at, expires-at the message's own expiry and, if there is one, its twin's number as varints,
/// then texts (varint length, UTF-8): exchange, routing key, filter key unless it equals the routing key, message id if there is one; the number of headers,
/// their names and values (a name as its number in <see cref="HeaderNames"/>, or 0 and the text); the body. User and place are in the key.
/// </summary>
internal static class RowFormat
{
    /// <summary>Rises with every change that an older version cannot read.</summary>
    public const byte Version = 1;

    [Flags]
    private enum Flags : byte
    {
        Attempted = 1,
        Persistent = 2,
        OwnFilterKey = 4,
        MessageId = 8,
        Twin = 16,
    }

    public static ReadOnlySpan<byte> Write(ArrayBufferWriter<byte> buffer, StoredMessage row)
    {
        var notification = row.Notification;
        var flags =
            (row.Attempted ? Flags.Attempted : 0)
            | (notification.Persistent ? Flags.Persistent : 0)
            | (row.FilterKey != notification.RoutingKey ? Flags.OwnFilterKey : 0)
            | (notification.MessageId is not null ? Flags.MessageId : 0)
            | (row.Twin > 0 ? Flags.Twin : 0);
        buffer.ResetWrittenCount();
        buffer.WriteByte(Version);
        buffer.WriteByte((byte)flags);
        buffer.WriteVarint((ulong)row.StoredAt);
        buffer.WriteVarint((ulong)row.ExpiresAt);
        buffer.WriteVarint((ulong)notification.ExpiresAt);
        if (row.Twin > 0)
            buffer.WriteVarint((ulong)row.Twin);
        buffer.WriteText(notification.Exchange);
        buffer.WriteText(notification.RoutingKey);
        if (flags.HasFlag(Flags.OwnFilterKey))
            buffer.WriteText(row.FilterKey);
        if (notification.MessageId is not null)
            buffer.WriteText(notification.MessageId);
        buffer.WriteVarint((ulong)notification.Headers.Length);
        foreach (var header in notification.Headers)
            WriteHeader(buffer, header, notification.MessageId);
        buffer.WriteVarint((ulong)notification.Body.Length);
        buffer.Write(notification.Body);
        return buffer.WrittenSpan;
    }

    /// <exception cref="OutboxUnavailableException">The row is of another version, or damaged.</exception>
    public static StoredMessage Read(string user, Place place, ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new RowReader(value);
            if (reader.ReadByte() is var version && version != Version)
                throw new OutboxUnavailableException($"The row at {place} has format {version}; this version of the silo reads format {Version}.");
            var flags = (Flags)reader.ReadByte();
            var storedAt = reader.ReadInt64();
            var expiresAt = reader.ReadInt64();
            var ownExpiresAt = reader.ReadInt64();
            var twin = flags.HasFlag(Flags.Twin) ? reader.ReadInt64() : 0;
            var exchange = reader.ReadText();
            var routingKey = reader.ReadText();
            var filterKey = flags.HasFlag(Flags.OwnFilterKey) ? reader.ReadText() : routingKey;
            var messageId = flags.HasFlag(Flags.MessageId) ? reader.ReadText() : null;
            var headers = new NotificationHeader[reader.ReadCount()];
            for (var i = 0; i < headers.Length; i++)
                headers[i] = ReadHeader(ref reader, messageId);
            var body = reader.ReadBytes().ToArray();
            reader.ExpectEnd();
            var notification = new Notification
            {
                Exchange = exchange,
                RoutingKey = routingKey,
                Headers = headers,
                Body = body,
                Persistent = flags.HasFlag(Flags.Persistent),
                MessageId = messageId,
                ExpiresAt = ownExpiresAt,
            };
            return new StoredMessage(user, place, filterKey, flags.HasFlag(Flags.Attempted), storedAt, expiresAt, notification) { Twin = twin };
        }
        catch (InvalidDataException fault)
        {
            throw new OutboxUnavailableException($"The row at {place} is damaged: {fault.Message}", fault);
        }
    }

    /// <summary>When the row's time ends; null when it is of another version, or damaged.</summary>
    public static long? ReadExpiresAt(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new RowReader(value);
            if (reader.ReadByte() != Version)
                return null;
            reader.ReadByte();
            reader.ReadInt64();
            return reader.ReadInt64();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    public static ReadOnlySpan<byte> Write(ArrayBufferWriter<byte> buffer, MailboxTally tally)
    {
        buffer.ResetWrittenCount();
        buffer.WriteVarint((ulong)tally.Messages);
        buffer.WriteVarint((ulong)tally.Bytes);
        buffer.WriteVarint((ulong)tally.Dropped);
        // Left out where there is none, as versions before it did.
        if (tally.NoticeAt != 0)
            buffer.WriteVarint((ulong)(tally.NoticeAt - MailboxTally.Told));
        return buffer.WrittenSpan;
    }

    /// <exception cref="OutboxUnavailableException">It is damaged.</exception>
    public static MailboxTally ReadTally(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new RowReader(value);
            var tally = new MailboxTally(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
            if (!reader.IsAtEnd)
                tally = tally with { NoticeAt = reader.ReadInt64() + MailboxTally.Told };
            reader.ExpectEnd();
            return tally;
        }
        catch (InvalidDataException fault)
        {
            throw new OutboxUnavailableException($"A user's tally is damaged: {fault.Message}", fault);
        }
    }

    public static byte[] Write(ArrayBufferWriter<byte> buffer, DurableMailbox mailbox)
    {
        buffer.ResetWrittenCount();
        buffer.WriteText(mailbox.User);
        buffer.WriteText(mailbox.Name);
        buffer.WriteText(mailbox.Exchange);
        buffer.WriteText(mailbox.Pattern);
        buffer.WriteVarint((ulong)mailbox.SeenAt);
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="OutboxUnavailableException">It is damaged.</exception>
    public static DurableMailbox ReadDurable(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new RowReader(value);
            return new DurableMailbox(reader.ReadText(), reader.ReadText(), reader.ReadText(), reader.ReadText(), reader.ReadInt64());
        }
        catch (InvalidDataException fault)
        {
            throw new OutboxUnavailableException($"A durable subscription is damaged: {fault.Message}", fault);
        }
    }

    private static void WriteHeader(ArrayBufferWriter<byte> buffer, in NotificationHeader header, string? messageId)
    {
        var number = HeaderNames.NumberOf(header.Name);
        // Number 1 says that the value is the message id, so one with another value is written by its name.
        if (header.Name == HeaderNames.MessageId && header.Value != messageId)
            number = 0;
        buffer.WriteVarint((ulong)number);
        if (number == 0)
            buffer.WriteText(header.Name);
        if (number == 0 || header.Name != HeaderNames.MessageId)
            buffer.WriteText(header.Value);
    }

    private static NotificationHeader ReadHeader(ref RowReader reader, string? messageId) =>
        HeaderNames.NameOf(reader.ReadInt64()) switch
        {
            null => new NotificationHeader(reader.ReadText(), reader.ReadText()),
            HeaderNames.MessageId => new NotificationHeader(
                HeaderNames.MessageId,
                messageId ?? throw new InvalidDataException("a header is the message id, and there is none")
            ),
            var name => new NotificationHeader(name, reader.ReadText()),
        };
}
