using System.Text;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.DeadLetters;

/// <summary>One dead letter, as operators see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Reason">Why it is one.</param>
/// <param name="Since">Since when.</param>
/// <param name="Exchange">The exchange that it was published to.</param>
/// <param name="RoutingKey">Its routing key.</param>
/// <param name="MessageId">The publisher's <c>message-id</c>.</param>
/// <param name="ContentType">The publisher's <c>content-type</c>.</param>
/// <param name="Bytes">Size of its body.</param>
/// <param name="Text">The beginning of its body, where that is text.</param>
/// <param name="Reduced">Its headers and properties are lost, and the end of its key may be: it is not sent back.</param>
internal sealed record DeadLetter(
    string? Id,
    string Reason,
    DateTimeOffset? Since,
    string Exchange,
    string RoutingKey,
    string? MessageId,
    string? ContentType,
    int Bytes,
    string? Text,
    bool Reduced
)
{
    private const int MaxTextBytes = 1024;

    public static DeadLetter From(BasicGetResult message)
    {
        var properties = message.BasicProperties;
        return new DeadLetter(
            DeadLetterHeaders.TextOf(properties, DeadLetterHeaders.Id),
            DeadLetterHeaders.TextOf(properties, DeadLetterHeaders.Reason) ?? "",
            DeadLetterHeaders.TimeOf(properties),
            DeadLetterHeaders.TextOf(properties, DeadLetterHeaders.Source) ?? "",
            message.RoutingKey,
            properties.MessageId,
            properties.ContentType,
            message.Body.Length,
            Beginning(message.Body.Span),
            DeadLetterHeaders.IsReduced(properties)
        );
    }

    private static string? Beginning(ReadOnlySpan<byte> body)
    {
        var length = Math.Min(body.Length, MaxTextBytes);
        // Not through the middle of a character.
        while (length > 0 && length < body.Length && (body[length] & 0xC0) == 0x80)
            length--;
        return System.Text.Unicode.Utf8.IsValid(body[..length]) ? Encoding.UTF8.GetString(body[..length]) : null;
    }
}
