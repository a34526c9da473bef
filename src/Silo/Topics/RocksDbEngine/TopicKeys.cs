using System.Buffers;
using System.Buffers.Binary;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Topics.RocksDbEngine;

/// <summary>
/// Keys of logs and durable subscriptions, beside those of the outbox, by kind:
/// <code>
/// 20                           generation of the registry
/// 21 log                       a log's epoch and end
/// 22 log                       up to where it was trimmed
/// 23 log number                message
/// 24 subscription              subscription, with its cursor
/// 25 exchange pattern user id  number of the subscription
/// 26 user                      how many subscriptions the user has
/// 38 exchange key              retained message
/// </code>
/// Numbers are big-endian, 8 bytes; texts are UTF-8 behind their length.
/// </summary>
internal static class TopicKeys
{
    private const byte GenerationKind = 0x20;
    private const byte LogKind = 0x21;
    private const byte TrimKind = 0x22;
    private const byte MessageKind = 0x23;
    private const byte SubscriptionKind = 0x24;
    private const byte TopicKind = 0x25;
    private const byte UserKind = 0x26;
    private const byte RetainedKind = 0x38;

    /// <summary>Above every length that a text can have.</summary>
    private static readonly byte[] AboveAll = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

    public static ReadOnlySpan<byte> Generation => [GenerationKind];

    public static byte[] LogsStart => [LogKind];

    public static byte[] LogsEnd => [TrimKind];

    public static byte[] SubscriptionsStart => [SubscriptionKind];

    public static byte[] SubscriptionsEnd => [TopicKind];

    public static byte[] TopicsStart => [TopicKind];

    public static byte[] TopicsEnd => [UserKind];

    public static byte[] Log(string log) => Start(LogKind).Text(log).WrittenSpan.ToArray();

    public static byte[] Trim(string log) => Start(TrimKind).Text(log).WrittenSpan.ToArray();

    public static byte[] Message(string log, long number) => Start(MessageKind).Text(log).Number(number).WrittenSpan.ToArray();

    public static byte[] Subscription(long number) => Start(SubscriptionKind).Number(number).WrittenSpan.ToArray();

    public static byte[] Topic(in DurableTopic topic) => Interest(topic.Interest).Text(topic.User).Text(topic.Id).WrittenSpan.ToArray();

    public static byte[] Retained(string exchange, string routingKey) => Start(RetainedKind).Text(exchange).Text(routingKey).WrittenSpan.ToArray();

    public static byte[] RetainedStart(string exchange) => Start(RetainedKind).Text(exchange).WrittenSpan.ToArray();

    /// <summary>Behind all keys of the exchange.</summary>
    public static byte[] RetainedEnd(string exchange) => [.. RetainedStart(exchange), .. AboveAll];

    public static byte[] User(string user) => Start(UserKind).Text(user).WrittenSpan.ToArray();

    /// <summary>Behind all subscriptions to it.</summary>
    public static byte[] TopicsOfEnd(TopicInterest interest) => [.. Interest(interest).WrittenSpan, .. AboveAll];

    /// <summary>The log that a key of <see cref="Log"/> names.</summary>
    public static string ReadLog(ReadOnlySpan<byte> key) => new RowReader(key[1..]).ReadText();

    public static long ReadNumber(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(key[^sizeof(long)..]);

    public static TopicInterest ReadInterest(ReadOnlySpan<byte> key)
    {
        var reader = new RowReader(key[1..]);
        return new TopicInterest(reader.ReadText(), reader.ReadText());
    }

    private static ArrayBufferWriter<byte> Interest(TopicInterest interest) => Start(TopicKind).Text(interest.Exchange).Text(interest.Pattern);

    private static ArrayBufferWriter<byte> Start(byte kind)
    {
        var key = new ArrayBufferWriter<byte>(64);
        key.WriteByte(kind);
        return key;
    }

    private static ArrayBufferWriter<byte> Text(this ArrayBufferWriter<byte> key, string text)
    {
        key.WriteText(text);
        return key;
    }

    private static ArrayBufferWriter<byte> Number(this ArrayBufferWriter<byte> key, long number)
    {
        key.WriteUInt64((ulong)number);
        return key;
    }
}
