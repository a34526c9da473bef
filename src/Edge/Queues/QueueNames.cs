using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace NotifyOrleans.Edge.Queues;

/// <summary>
/// Names of queues that are made for subscriptions: those of RabbitMQ's STOMP plugin, so that a durable one which was made there is found here, with its
/// messages.
/// </summary>
internal static class QueueNames
{
    private const string SubscriptionPrefix = "stomp-subscription-";

    /// <summary>The queue of a subscription that ends with its session.</summary>
    public static string ForSubscription() => SubscriptionPrefix + Random();

    /// <summary>The queue of a durable subscription: the same for the same destination and id.</summary>
    /// <param name="destination">Header <c>destination</c>, as it was sent.</param>
    /// <param name="id">Header <c>id</c>.</param>
    [SuppressMessage("Security", "CA5351", Justification = "RabbitMQ's name; nothing depends on its secrecy.")]
    public static string ForDurable(string destination, string id)
    {
        // Erlang's external term format of the pair {Destination, Id}: version 131, tuple of 2.
        List<byte> term = [131, 104, 2];
        AddString(term, destination);
        AddString(term, id);
        return SubscriptionPrefix + Base64Url.EncodeToString(MD5.HashData([.. term]));
    }

    /// <summary>The queue that replies come to.</summary>
    public static string ForReplies() => $"stomp-reply-{Random()}";

    /// <summary>How the reference's queue for replies would be named: the authority is asked about such a one.</summary>
    public static string LikeServerNamed() => $"amq.gen-{Random()}";

    private static string Random()
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }

    /// <summary>
    /// STRING_EXT (107): the length in two bytes, and the bytes; an empty one is NIL_EXT (106). Header lines are far shorter than the 65,535 bytes that it
    /// holds.
    /// </summary>
    private static void AddString(List<byte> term, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length == 0)
        {
            term.Add(106);
            return;
        }
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes.Length);
        term.Add(107);
        term.AddRange(length);
        term.AddRange(bytes);
    }
}
